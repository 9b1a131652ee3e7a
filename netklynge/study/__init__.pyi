from .loading import bundled as bundled
from .loading import surveys as surveys
from .network import to_igraph as to_igraph
from .network import to_networkx as to_networkx
from .network import to_pandas as to_pandas
from .study import Study as Study
