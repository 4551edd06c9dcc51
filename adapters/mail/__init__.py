"""Mail: letters worded by templates, made into messages, handed to an SMTP server; a mailbox for development."""
