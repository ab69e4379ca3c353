"""The FHIR read model (docs/fhir-read-model.md)."""
