//! Making room for what is declared.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, TransactionBehavior};

use crate::{
    context::Context,
    fault::Fault,
    ledger::Ledger,
    part::{Part, quoted},
    rows::{EMPTY, View},
    shadow,
    words::Words,
};

/// Makes every table and index that is declared and missing, all of it or nothing.
pub fn prepare(
    connection: &mut Connection,
    words: &Words,
    contexts: &mut [Context],
) -> Result<(), Fault> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    shadow::remove_all(&transaction, contexts)?;
    let there = names(&transaction, "SELECT name FROM sqlite_schema", "")?;
    for context in contexts {
        context.learn(&transaction, words)?;
        for part in context.parts() {
            if !there.contains(&part.name.to_lowercase()) {
                transaction.execute_batch(&part.sql)?;
            }
        }
        let has_history = Ledger::read(&transaction, context.word)?.position > 0;
        for view in &context.views {
            let is_new = !there.contains(&view.table.to_lowercase());
            let lacks = index(&transaction, view)? && has_rows(&transaction, view)?;
            if lacks || is_new && has_history {
                let sql = "INSERT OR IGNORE INTO stale (context, view) VALUES (?1, ?2)";
                transaction.execute(sql, (context.word, view.word))?;
            }
        }
    }
    Ok(transaction.commit()?)
}

/// A name that two tables or indexes would share; the engine does not tell
/// upper case from lower case.
pub fn same_name(contexts: &[Context]) -> Option<String> {
    let parts = contexts.iter().flat_map(Context::parts).map(|part| part.name);
    let views = contexts.iter().flat_map(|it| &it.views);
    let indexes = views.flat_map(|view| view.fields.iter().map(|it| it.index.clone()));
    let mut seen = HashSet::new();
    parts.chain(indexes).find(|name| !seen.insert(name.to_lowercase()))
}

/// Brings the indexes of a view in line with the declaration; says whether
/// there is one now whose column nobody has filled. A column without an index
/// is left over from an earlier declaration, and what stands in it is old.
fn index(connection: &Connection, view: &View) -> Result<bool, Fault> {
    let mut indexes = indexes(connection, &view.table)?;
    let columns = "SELECT name FROM pragma_table_info(?1)";
    let columns = names(connection, columns, &view.table)?;
    let table = quoted(&view.table);
    let mut is_lacking = false;
    for field in &view.fields {
        if indexes.remove(&field.column.to_lowercase()).is_some() {
            continue;
        }
        let column = quoted(&field.column);
        if !columns.contains(&field.column.to_lowercase()) {
            let add = format!("ALTER TABLE {table} ADD COLUMN {column} {EMPTY}");
            connection.execute_batch(&add)?;
        }
        let index = Part::index(&field.index, &view.table, &format!("({column})"));
        connection.execute_batch(&index.sql)?;
        is_lacking = true;
    }
    for index in indexes.values() {
        connection.execute_batch(&format!("DROP INDEX {}", quoted(index)))?;
    }
    Ok(is_lacking)
}

/// The indexes of a table, by the column they are on: the names of those of a
/// view that was rebuilt are not those of the declaration.
fn indexes(connection: &Connection, table: &str) -> Result<HashMap<String, String>, Fault> {
    let sql = "SELECT part.name, list.name FROM pragma_index_list(?1) AS list
               JOIN pragma_index_info(list.name) AS part";
    let mut select = connection.prepare(sql)?;
    let found = select.query_map([table], |row| {
        Ok((row.get::<_, String>(0)?.to_lowercase(), row.get::<_, String>(1)?))
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn has_rows(connection: &Connection, view: &View) -> Result<bool, Fault> {
    let any = format!("SELECT EXISTS (SELECT 1 FROM {})", quoted(&view.table));
    Ok(connection.query_one(&any, [], |row| row.get(0))?)
}

fn names(connection: &Connection, sql: &str, table: &str) -> Result<HashSet<String>, Fault> {
    let mut select = connection.prepare(sql)?;
    for parameter in 1..=select.parameter_count() {
        select.raw_bind_parameter(parameter, table)?;
    }
    let names = select.raw_query().mapped(|row| row.get::<_, String>(0));
    let names = names.map(|name| Ok(name?.to_lowercase()));
    names.collect()
}
