"""Lists the entities of the exchange, then reads a BUCP that does not exist."""

import os

from idea.drafting.v1 import bucp_pb2
from idea.registry.v1 import entity_pb2
from idea_exchange import Exchange, ExchangeError


def file(name):
    return os.path.join(os.environ["IDEA_TLS"], name)


with Exchange(os.environ["IDEA_ENDPOINT"], ca=file("ca.crt"), cert=file("tls.crt"), key=file("tls.key")) as exchange:
    entities = list(exchange.pages(exchange.registry.ListEntities, entity_pb2.ListEntitiesRequest(page_size=50)))
    for entity in entities[:3]:
        print(entity.name)
    print(len(entities), "entities")
    try:
        exchange.call(exchange.drafting.GetBucp, bucp_pb2.GetBucpRequest(name="bucps/none"))
    except ExchangeError as error:
        print("refused:", error.reason)
