"""Events as the outside gets them: a stable form for each, whatever the classes inside become.

``forms`` says what each event looks like, ``reading`` reads them from the log in its order. The feed hands them out, as
does whoever sends them. Nothing here may hand out a personal value or a reason to who does not ask for them.
"""
