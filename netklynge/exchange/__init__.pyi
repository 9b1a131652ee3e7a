from .opening import check as check
from .opening import load as load
from .opening import network_receipt as network_receipt
from .opening import read_graph as read_graph
from .opening import with_insiders as with_insiders
from .writing import export as export
