"""What must hold of a procedure before anybody works by it, and of every matter at each step.

`verification` refuses a bad file; `model_checking` walks every situation and judges each promise of
`invariants` in all of them. The same promises are judged at run time and in replay.
"""
