# %% Channel Class
Channel(
    url: str,
    protocols: Optional[List[str]] = None,
    auto_reconnect: bool = False,
    reconnect_delay: float = 1.0,
    max_reconnect_attempts: Optional[int] = None
)
