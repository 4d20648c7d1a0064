class Type:
    extension: str

def guess(obj: bytes) -> Type | None: ...
