uint8: object
uint16: object
uint32: object
int8: object
int16: object
int32: object
int64: object
float32: object
float64: object

class Array:
    def __init__(self, dtype: object, ndim: int, layout: str, readonly: bool = ...) -> None: ...

def void(*arguments: object) -> object: ...
