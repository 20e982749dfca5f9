from tests.fake_api import api, kube

__all__ = ["api", "kube"]
