"""The files that people add to visits in the tests."""

from django.core.files.uploadedfile import SimpleUploadedFile

PDF = b"%PDF-1.7\nA letter that nobody else may read.\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def pdf(name: str = "letter.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)
