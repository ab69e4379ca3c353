from domain.replies.reading import Label, Question, Reading

__all__ = ["Label", "Question", "Reading"]
