package boll

import "log/slog"

func init() {
	slog.SetDefault(slog.New(logger{}))
}
