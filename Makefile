# 盘活 Panhuo. `make run` starts everything from nothing; `make help` lists the rest.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header --no-annotate --no-emit-index-url \
	--no-emit-package django --no-emit-package asgiref --no-emit-package sqlparse
export UV_PYTHON_DOWNLOADS := never

.PHONY: help run test check examples pictures fields env compose-test bare-test ogc-cite bench-items bench-ogc bench-search bench-rank bench-outcomes bench-export bench-imports bench-commit bench-attachments dev lock clean

help:  ## 列出命令  what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 22

run:  ## 启动服务与大足演示数据  the service with Dazu's demo data, from nothing
	@exec $(PYTHON) bootstrap.py run

test:  ## 运行全部测试（ARGS=… 传给 pytest）  all tests; ARGS=… goes to pytest
	@exec $(PYTHON) bootstrap.py test $(ARGS)

check: dev  ## 代码检查  ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/mypy

examples:  ## 重新记录接口示例 api/examples.json  record the examples of the API anew
	@exec $(PYTHON) bootstrap.py test -n 0 tests/api/test_examples.py --examples

pictures:  ## 重新绘制 README 的图 docs/pictures  draw the pictures of the README anew
	@exec $(PYTHON) bootstrap.py test -n 0 tests/test_pictures.py --pictures

fields:  ## 重新生成字段表 docs/attributes.md  write the table of fields anew
	@exec $(BIN)/python -m reports.fields

env:  ## 为容器部署写 .env（随机密钥，已有则不动）  .env for containers, with random secrets; one that is there stays
	@set -C; umask 077; { \
	  echo "POSTGRES_PASSWORD=$$(od -An -vtx1 -N24 /dev/urandom | tr -d ' \n')"; \
	  echo "SERVICE_PASSWORD=$$(od -An -vtx1 -N24 /dev/urandom | tr -d ' \n')"; \
	  echo '# 首次启动时载入大足演示数据，正式使用请改为 false  Dazu demo data at the first start; false for real use'; \
	  echo 'PANHUO_DEMO=true'; \
	} > .env || { echo '.env 已存在，未改动。.env is there and stays.' >&2; exit 1; }

compose-test: dev  ## 真正用容器部署并验证  deploy by containers, for real, and try it
	@$(BIN)/python -m tests.deploy.compose

bare-test: dev  ## 在空白 Debian 12 中验证 make run（需 root）  make run in a bare Debian 12; as root
	@$(BIN)/python -m tests.deploy.bare

ogc-cite: dev  ## 运行 OGC 官方符合性测试（需 Maven 与 JDK 17）  OGC's own test suites; with Maven and JDK 17
	@$(BIN)/python -m tests.deploy.cite $(ADDRESS)

bench-items: dev  ## 列表接口的速度  the speed of plain reads beside a bare handler and tipg
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .venv-bench
	@$(BIN)/uv pip sync -q --require-hashes --python .venv-bench bench/requirements.lock
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.items

bench-ogc: dev  ## GIS 接口的速度（ARGS=--martin 等）  the speed of the OGC API beside tipg and pygeoapi
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .venv-bench
	@$(BIN)/uv pip sync -q --require-hashes --python .venv-bench bench/requirements.lock
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.ogc $(ARGS)

bench-rank: dev  ## 排序的速度  the speed of a ranking beside its yardstick, SQL and a plain COPY
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.rank

bench-search: dev  ## 检索的速度  the speed of a search
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.search

bench-outcomes: dev  ## 统计与登记的速度  the speed of figures and of an act, beside bare SQL
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.outcomes

bench-export: dev  ## 导出台账的速度  the speed of a ledger of 100,000 units beside writers that only write
	@$(BIN)/uv venv -q --clear --python $(BIN)/python .venv-bench
	@$(BIN)/uv pip sync -q --require-hashes --python .venv-bench bench/requirements.lock
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.export

bench-imports: dev  ## 读取台账的速度  the speed of reading a ledger of 20,000 units beside openpyxl that only reads
	@exec $(BIN)/python -m bench.imports

bench-commit: dev  ## 登记 100,000 个单元的速度  the speed of an act of 100,000 new units beside a bare INSERT of their rows
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.commit

bench-attachments: dev  ## 上传附件的速度  the speed of an upload of 20 MB beside a bare handler that writes the file
	@exec $(BIN)/python -m tests.with_cluster $(BIN)/python -m bench.attachments

dev:  ## 准备开发环境 .venv  the environment for development
	@$(PYTHON) bootstrap.py dev

lock: dev  ## 重新锁定依赖（UPGRADE=1 升级）  compile the locks anew; UPGRADE=1 raises versions
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements.in -o requirements.lock >/dev/null
	@$(COMPILE) $(if $(UPGRADE),--upgrade) requirements-dev.in -o requirements-dev.lock >/dev/null
	@$(COMPILE) $(if $(UPGRADE),--upgrade) bench/requirements.in -o bench/requirements.lock >/dev/null
	@$(COMPILE) $(if $(UPGRADE),--upgrade) clients/requirements.in -o clients/requirements.lock >/dev/null

clean:  ## 删除环境与缓存，不动数据  remove the environment and caches, never data
	@rm -rf .venv .venv-bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .cite .martin
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
