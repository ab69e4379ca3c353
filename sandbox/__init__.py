"""A stand-in for Twilio and SendGrid: real HTTP in the vendors' published shapes, and no message leaves the machine."""
