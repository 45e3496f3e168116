"""`sophia serve` and `sophia worker`: the surfaces and the work behind them in processes that stay."""
