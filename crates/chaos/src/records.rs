//! What is on the disk: every journal, and the payment provider's own record.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use postgres_for_tests::Server;
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::Value;

use crate::site::CONTEXTS;

/// What is on the disk.
#[derive(Debug, Default)]
pub struct Records {
    /// The journal of each context, in order.
    pub journals: BTreeMap<String, Vec<Record>>,
    pub charges: Vec<Charge>,
    /// What the engine says of each file.
    pub checked: Vec<(String, String)>,
}

/// One event.
#[derive(Debug, PartialEq)]
pub struct Record {
    pub position: u64,
    pub event: String,
    /// The kind of thing it happened to, and its number.
    pub of: (String, u64),
    pub name: Option<String>,
    pub version: u64,
    /// Where the one before of the same thing is; 0 when there is none.
    pub previous: u64,
    pub case: (String, u64),
    pub command: String,
    pub cause: Option<(String, u64)>,
    pub body: Value,
}

/// One charge in the provider's record.
#[derive(Debug)]
pub struct Charge {
    pub key: String,
    pub order: String,
    pub amount: u64,
    pub captured: bool,
}

impl Records {
    /// Reads the databases of a folder; none of them is written to.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut records = Self::default();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|it| it == "sqlite") {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                records.add(&path, &name).with_context(|| name.clone())?;
            }
        }
        Ok(records)
    }

    /// All events, with the context they happened in.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Record)> {
        self.journals.iter().flat_map(|(name, it)| it.iter().map(move |it| (name.as_str(), it)))
    }

    /// The one that happened there.
    pub fn at(&self, (context, position): &(String, u64)) -> Option<&Record> {
        let journal = self.journals.get(context)?;
        let found = journal.binary_search_by_key(position, |it| it.position);
        found.ok().and_then(|it| journal.get(it))
    }

    fn add(&mut self, path: &Path, name: &str) -> Result<()> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let said: String = connection.query_one("PRAGMA integrity_check", [], |row| row.get(0))?;
        self.checked.push((name.to_owned(), said));
        let tables = texts(&connection, "SELECT name FROM sqlite_schema WHERE type = 'table'")?;
        if tables.iter().any(|it| it == "charge") {
            self.charges = charges(&connection)?;
        }
        for table in &tables {
            if let Some(context) = table.strip_suffix("/journal") {
                self.journals.insert(context.to_owned(), journal(&connection, table)?);
            }
        }
        Ok(())
    }
}

impl Records {
    /// Reads the journals of a database of a server.
    pub fn add_from_server(&mut self, url: &str) -> Result<()> {
        for context in CONTEXTS {
            let journal = from_server(url, context).map_err(anyhow::Error::msg);
            self.journals.insert(context.to_owned(), journal.context(context)?);
        }
        Ok(())
    }
}

fn from_server(url: &str, context: &str) -> Result<Vec<Record>, String> {
    let rows = Server::ask(
        url,
        &format!(
            "SELECT position, event, kind, number, convert_from(name, 'UTF8'), version, case_kind,
               case_number, command, cause_context, cause_position, convert_from(body, 'UTF8')
             FROM \"{context}\".journal ORDER BY position"
        ),
    )?;
    let mut last = HashMap::new();
    let records = rows.iter().map(|row| {
        let text = |at: usize| row.get(at).cloned().flatten();
        let word = |at| text(at).unwrap_or_default();
        let number = |at| word(at).parse::<u64>().map_err(|error| format!("{row:?}: {error}"));
        let (of, position) = ((word(2), number(3)?), number(0)?);
        let cause = text(9).map(|context| Ok::<_, String>((context, number(10)?))).transpose()?;
        // It keeps no chain: its index says as much.
        let previous = last.insert(of.clone(), position).unwrap_or_default();
        Ok(Record {
            position,
            event: word(1),
            of,
            name: text(4),
            version: number(5)?,
            previous,
            case: (word(6), number(7)?),
            command: word(8),
            cause,
            body: serde_json::from_str(&word(11)).unwrap_or_default(),
        })
    });
    records.collect()
}

fn texts(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut select = connection.prepare(sql)?;
    let found = select.query_map([], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn charges(connection: &Connection) -> Result<Vec<Charge>> {
    let mut select = connection.prepare("SELECT key, order_id, amount, outcome FROM charge")?;
    let found = select.query_map([], |row| {
        let outcome: String = row.get(3)?;
        let outcome: Value = serde_json::from_str(&outcome).unwrap_or_default();
        let captured = outcome["outcome"] == "captured";
        Ok(Charge { key: row.get(0)?, order: row.get(1)?, amount: row.get(2)?, captured })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn journal(connection: &Connection, table: &str) -> Result<Vec<Record>> {
    let mut words = connection.prepare("SELECT id, text FROM word")?;
    let words = words.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let words = words.collect::<Result<HashMap<i64, String>, _>>()?;
    let mut select = connection.prepare(&format!(
        "SELECT position, event, kind, number, name, version, previous, case_kind,
           case_number, command, cause_context, cause_position, body
         FROM \"{table}\" ORDER BY position"
    ))?;
    let found = select.query_map([], |row| record(row, &words))?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn record(row: &Row<'_>, words: &HashMap<i64, String>) -> rusqlite::Result<Record> {
    let word = |column| -> rusqlite::Result<String> {
        let number: i64 = row.get(column)?;
        Ok(words.get(&number).cloned().unwrap_or_else(|| format!("word {number}")))
    };
    let cause = match row.get::<_, Option<i64>>(10)? {
        Some(_) => Some((word(10)?, row.get(11)?)),
        None => None,
    };
    Ok(Record {
        position: row.get(0)?,
        event: word(1)?,
        of: (word(2)?, row.get(3)?),
        name: row.get(4)?,
        version: row.get(5)?,
        previous: row.get(6)?,
        case: (word(7)?, row.get(8)?),
        command: word(9)?,
        cause,
        body: serde_json::from_slice(row.get_ref(12)?.as_blob()?).unwrap_or_default(),
    })
}
