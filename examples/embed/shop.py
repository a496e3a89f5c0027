"""What the service and the C++ host in this folder run: orders of a shop."""

import flyte

env = flyte.TaskEnvironment(name="shop")


@env.task
def price(item: str) -> int:
    return 100 * len(item)


@env.task
def reserve(item: str) -> str:
    return f"reserved {item}"


@env.task
def charge(customer: str, cents: int) -> str:
    if customer == "Nobody":
        raise ValueError("no such customer")
    return f"{customer} paid {cents}"


@env.task
def ship(customer: str, parcel: list[str]) -> str:
    return f"{len(parcel)} to {customer}"


@env.sandbox.orchestrator
def order(customer: str, items: list[str], express: bool = False) -> dict[str, str]:
    """Prices all items at once, then reserves them one by one."""
    if not items:
        raise ValueError("an order needs an item")
    total = sum(flyte_map("price", items, return_exceptions=False))
    if express:
        total = total + 500
    parcel = [reserve(item) for item in items]
    receipt = charge(customer, total)
    return {"receipt": receipt, "shipment": ship(customer, parcel)}
