# 盘活 Panhuo. `make run` starts everything from nothing; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header --no-annotate --no-emit-index-url \
	--no-emit-package django --no-emit-package asgiref --no-emit-package sqlparse
export UV_PYTHON_DOWNLOADS := never

.PHONY: help run test check bench-items dev lock clean

help:  ## 列出命令  what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 22

run:  ## 启动服务与大足演示数据  the service with Dazu's demo data, from nothing
	@exec $(PYTHON) bootstrap.py run

test:  ## 运行全部测试（ARGS=… 传给 pytest）  all tests; ARGS=… goes to pytest
	@exec $(PYTHON) bootstrap.py test $(ARGS)

check: dev  ## 代码检查  ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

bench-items: dev  ## 列表接口的速度  the speed of plain reads beside a bare handler and tipg
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .venv-bench
	@$(BIN)/uv pip sync -q --require-hashes --python .venv-bench bench/requirements.lock
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.items

dev:  ## 准备开发环境 .venv  the environment for development
	@$(PYTHON) bootstrap.py dev

lock: dev  ## 重新锁定依赖（UPGRADE=1 升级）  compile the locks anew; UPGRADE=1 raises versions
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements.in -o requirements.lock >/dev/null
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements-dev.in -o requirements-dev.lock >/dev/null
	@$(COMPILE) $(if $(UPGRADE),--upgrade) bench/requirements.in -o bench/requirements.lock >/dev/null

clean:  ## 删除环境与缓存，不动数据  remove the environment and caches, never data
	@rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
