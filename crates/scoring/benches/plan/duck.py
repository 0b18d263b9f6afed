"""The same metrics and tiers of both laws in SQL: reads the facts once, then answers each line of input with its time."""

import json
import sys
import time

import duckdb

facts, query = sys.argv[1], sys.argv[2]
base = duckdb.connect()
base.execute(
    "CREATE TABLE deal AS SELECT * FROM read_csv(?, header = true, columns = {"
    "'partner': 'INTEGER', 'registered_at': 'BIGINT', 'won_at': 'BIGINT', 'lost_at': 'BIGINT',"
    "'value': 'BIGINT', 'product': 'VARCHAR'})",
    [facts],
)
sql = open(query, encoding="utf-8").read()
print(duckdb.__version__, flush=True)
for line in sys.stdin:
    started = time.perf_counter_ns()
    rows = base.execute(sql).fetchall()
    took = time.perf_counter_ns() - started
    print(json.dumps({"nanos": took, "rows": rows if line.strip() == "rows" else []}), flush=True)
