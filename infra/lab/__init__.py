"""The lab: four stacks of live local services to deploy, break, repair and count.

`lab_declarations` are their declarations; `Lab` counts, breaks and stops what is there without Pulumi.
"""

from infra.lab.declarations import lab_declarations
from infra.lab.inventory import Inventory, Lab, RunningService

__all__ = ["Inventory", "Lab", "RunningService", "lab_declarations"]
