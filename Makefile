# The benchmarks of the packages, compared with those of the last release.
bench:
	go run ./bench/figures

# Whole programs side by side, with smtp-source, swaks and curl; writes docs/performance.md.
performance:
	go run ./bench

.PHONY: bench performance
