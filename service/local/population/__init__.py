"""A believable population and what it does, day by day, as calls of the public API; the same for the same seed.

People come more or less often (gamma), more in some weeks than in others (lognormal), in the afternoon of where they
live. They meet posts about a dozen things, reject some, filter, block, look behind covers and change their minds.
What is planted on top of that is known exactly, so that figures can be held against it.
"""

from service.local.population.calls import Call, batched
from service.local.population.days import Burst, Day, Dead, Plants, Population, a_population
from service.local.population.people import Inhabitant
from service.local.population.posts import SLOTS, Post

__all__ = [
    "SLOTS",
    "Burst",
    "Call",
    "Day",
    "Dead",
    "Inhabitant",
    "Plants",
    "Population",
    "Post",
    "a_population",
    "batched",
]
