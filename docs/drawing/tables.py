"""The warehouse's tables, schema by schema, with their keys, from its one declaration."""

from collections.abc import Iterator

from sqlalchemy import MetaData, Table

from drawing.graph import FAINT, PAPER, cluster, edge, folded, graph, node, titled

TITLE = "The tables of the warehouse"


def dot(metadata: MetaData) -> str:
    """The picture's graph: foreign keys as whole lines, ids of the same name as broken ones."""
    tables = sorted(metadata.tables.values(), key=lambda table: table.fullname)
    lines: list[str] = []
    for schema in dict.fromkeys(table.schema for table in tables):
        inside = [node(table.fullname, _label(table), fillcolor=PAPER["core"]) for table in tables if table.schema == schema]
        lines += cluster(str(schema), titled(str(schema)), inside)
    for table in tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            lines.append(edge(table.fullname, key.column.table.fullname, label=key.parent.name))
        for home in sorted(_named_after(table, tables), key=lambda home: home.fullname):
            lines.append(edge(table.fullname, home.fullname, style="dashed", color=FAINT))
    return graph(lines, rankdir="LR", nodesep="0.12", ranksep="0.5")


def _label(table: Table) -> str:
    keys = ", ".join(column.name for column in table.primary_key.columns)
    rest = len(table.columns) - len(table.primary_key.columns)
    return titled(table.name, *folded(keys, 34), *([f"and {rest} more"] if rest else []))


def _named_after(table: Table, tables: list[Table]) -> Iterator[Table]:
    """Tables whose id this one holds without a foreign key: ``record_id`` is the id of ``record``."""
    declared = {key.parent.name for key in table.foreign_keys}
    for column in table.columns:
        for home in tables:
            same = column.name == f"{home.name}_id" and [key.name for key in home.primary_key.columns] == [column.name]
            if home is not table and column.name not in declared and same:
                yield home
