//! Making room for the views that are declared.

use std::collections::BTreeMap;

use runtime::store::ContextLayout;

use crate::{
    ask::{Ask, quoted},
    context::Context,
    error::Why,
    fault::Fault,
    rows::{EMPTY, Field, View},
    session::Session,
    shadow::remove_all,
    taken::{number, small, take},
};

/// How many bytes of a name the engine looks at.
const LONGEST: usize = 63;

/// Makes every table and index of a view that is declared and missing. Where
/// nothing is missing nothing is locked: others go on writing.
pub async fn prepare(session: &mut Session, context: &Context) -> Result<(), Fault> {
    remove_all(session, context.name).await?;
    let schema = quoted(context.name);
    let there = Ask::plain(&format!("SELECT name, fields, rows FROM {schema}.view"));
    let mut there = session
        .ask(&there)
        .await?
        .iter()
        .map(|row| Ok((take::<String>(row, 0)?, (take(row, 1)?, number(row, 2)?))))
        .collect::<Result<BTreeMap<String, (Vec<String>, u64)>, Fault>>()?;
    let position = Ask::plain(&format!("SELECT position FROM {schema}.head"));
    let position = session.ask(&position).await?;
    let has_history = position.first().map_or(Ok(0), |row| number(row, 0))? > 0;
    for view in &context.views {
        let (kept, rows) = there.remove(view.name).unzip();
        let declared = view.fields.iter().map(|it| it.name.to_owned()).collect::<Vec<_>>();
        if kept.as_ref() == Some(&declared) {
            continue;
        }
        session.batch(&made(view, &declared, &kept.clone().unwrap_or_default())).await?;
        let is_lacking =
            kept.as_ref().is_some_and(|kept| declared.iter().any(|it| !kept.contains(it)));
        let is_stale = is_lacking && rows > Some(0) || kept.is_none() && has_history;
        let note = Ask::plain(&format!(
            "INSERT INTO {schema}.view (name, rows, fields, is_stale) VALUES ($1, 0, $2, $3)
             ON CONFLICT (name) DO UPDATE SET
               fields = excluded.fields, is_stale = view.is_stale OR excluded.is_stale"
        ));
        session.ask(&note.bind(view.name).bind(declared).bind(is_stale)).await?;
    }
    Ok(())
}

/// The statements that bring a view from the fields it keeps to those declared.
/// A column that is not declared any more stays, and what stands in it grows
/// old: when it is declared again it must be filled again.
fn made(view: &View, declared: &[String], kept: &[String]) -> String {
    let View { table, schema, .. } = view;
    let table_of = format!(
        "CREATE TABLE IF NOT EXISTS {table} (
           number BIGINT PRIMARY KEY, version BIGINT NOT NULL, body BYTEA NOT NULL)"
    );
    let gone = kept.iter().filter(|it| !declared.contains(it));
    let gone = gone.map(|it| format!("DROP INDEX IF EXISTS {schema}.{}", index(view, it)));
    let new = view.fields.iter().filter(|field| !kept.iter().any(|it| it == field.name));
    let new = new.map(|Field { name, column, key }| {
        let index = index(view, name);
        format!(
            "ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column} {EMPTY};
             CREATE INDEX {index} ON {table} ({key}, number)"
        )
    });
    std::iter::once(table_of).chain(gone).chain(new).collect::<Vec<_>>().join(";\n")
}

/// Whether this program understands everything that was written.
pub async fn understood(session: &mut Session, layout: &ContextLayout) -> Result<(), Why> {
    let written = format!("SELECT name, schema FROM {}.event", quoted(layout.name));
    for row in session.ask(&Ask::plain(&written)).await? {
        let (event, found) = (take::<String>(&row, 0)?, small(&row, 1)?);
        let context = layout.name.to_owned();
        match layout.events.iter().find(|(name, _)| *name == event) {
            None => return Err(Why::UnknownEvent { context, event }),
            Some(&(_, known)) if known < found => {
                return Err(Why::NewerEvent { context, event, found, known });
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// A name that the engine would cut off, so that two could become one.
pub fn long_name(contexts: &[Context]) -> Option<String> {
    let names = contexts.iter().flat_map(|context| {
        let views = context.views.iter().flat_map(|view| {
            let fields = view.fields.iter().map(|it| index_name(view, it.name));
            fields.chain([format!("view/{}", view.name)])
        });
        views.chain([context.name.to_owned()])
    });
    names.into_iter().find(|name| name.len() > LONGEST)
}

fn index(view: &View, field: &str) -> String {
    quoted(&index_name(view, field))
}

pub fn index_name(view: &View, field: &str) -> String {
    format!("view/{}/{field}", view.name)
}
