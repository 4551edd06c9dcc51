"""Mail: messages worded by templates, put into MIME, handed to an SMTP server; a mailbox for development."""
