//! Shadows of views: tables like those of the views, beside them. Each process
//! has its own, so that two that rebuild the same view do not meet.

use std::hash::{BuildHasher, Hasher, RandomState};

use runtime::store::{ContextLayout, Progress, Row, Shadows, Shown, StoreError};

use crate::{
    PostgresStore,
    ask::{Ask, at_most, capped, quoted},
    batch::{Check, Plan},
    context::Context,
    fault::Fault,
    prepare::index_name,
    rows::View,
    session::Session,
    taken::take,
};

/// How the name of every table of a shadow begins.
const SHADOW: &str = "shadow/";

/// The shadows of the views of one context.
#[derive(Debug, Default)]
pub struct Kept(Vec<Shadow>);

#[derive(Debug)]
struct Shadow {
    name: String,
    view: View,
}

impl Kept {
    /// Under names that no other process has.
    pub fn of(schema: &str, layout: &ContextLayout) -> Self {
        let own = RandomState::new().build_hasher().finish();
        let shadow = |(at, view)| {
            let name = format!("{SHADOW}{own:016x}/{at}");
            Shadow { view: View::at(schema, &name, view), name }
        };
        Self(layout.views.iter().enumerate().map(shadow).collect())
    }
}

impl Shadow {
    fn index(&self, field: usize) -> String {
        quoted(&format!("{}/{field}", self.name))
    }

    /// The statements that make it, empty.
    fn made(&self, view: &View) -> Vec<String> {
        let (shadow, table) = (&self.view.table, &view.table);
        let drop = format!("DROP TABLE IF EXISTS {shadow}");
        let table = format!("CREATE TABLE {shadow} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES)");
        let key = format!("ALTER TABLE {shadow} ADD PRIMARY KEY (number)");
        let indexes = view.fields.iter().enumerate().map(|(at, field)| {
            let index = self.index(at);
            format!("CREATE INDEX {index} ON {shadow} ({}, number)", field.key)
        });
        [drop, table, key].into_iter().chain(indexes).collect()
    }

    /// The statements by which it and the view change places, and all names.
    fn switched(&self, view: &View) -> Vec<String> {
        let schema = &view.schema;
        let of_view = quoted(&format!("view/{}", view.name));
        let mut renamed = vec![(of_view, quoted(&self.name), "TABLE")];
        for (at, field) in view.fields.iter().enumerate() {
            renamed.push((quoted(&index_name(view, field.name)), self.index(at), "INDEX"));
        }
        let between = quoted(&format!("{SHADOW}between"));
        let swap = renamed.into_iter().flat_map(|(one, other, what)| {
            let rename =
                |from: &str, to: &str| format!("ALTER {what} {schema}.{from} RENAME TO {to}");
            [rename(&one, &between), rename(&other, &one), rename(&between, &other)]
        });
        let literal = format!("'{}'", view.name.replace('\'', "''"));
        let counted = format!(
            "UPDATE {schema}.view SET rows = (SELECT count(*) FROM {}) WHERE name = {literal}",
            view.table
        );
        swap.chain([counted]).collect()
    }
}

impl Context {
    fn with_shadow(&self, name: &str) -> Result<(&View, &Shadow), Fault> {
        let view = self.view(name)?;
        let shadow = self.shadows.0.iter().find(|it| it.view.name == name);
        let none = || Fault::Misuse(format!("{} has no shadow of {name}", self.name));
        shadow.map(|shadow| (view, shadow)).ok_or_else(none)
    }
}

impl Shadows for PostgresStore {
    fn make(&self, context: &'static str, view: &'static str) -> Result<(), StoreError> {
        let (view, shadow) = self.context(context)?.with_shadow(view)?;
        for statement in shadow.made(view) {
            self.read(Ask::plain(&statement))?;
        }
        Ok(())
    }

    fn write(&self, context: &'static str, rows: &[Row]) -> Result<(), StoreError> {
        let context = self.context(context)?;
        let mut names: Vec<_> = rows.iter().map(|row| row.view).collect();
        names.dedup();
        for name in names {
            let rows: Vec<_> = rows.iter().filter(|row| row.view == name).collect();
            self.read(context.with_shadow(name)?.1.view.put(&rows)?)?;
        }
        Ok(())
    }

    fn row(
        &self,
        context: &'static str,
        view: &'static str,
        number: u64,
    ) -> Result<Option<Shown>, StoreError> {
        let (_, shadow) = self.context(context)?.with_shadow(view)?;
        let rows = self.read(shadow.view.numbered(number))?;
        Ok(rows.first().map(View::shown).transpose()?)
    }

    fn rows(
        &self,
        context: &'static str,
        view: &'static str,
        after: u64,
        limit: usize,
    ) -> Result<Vec<Shown>, StoreError> {
        let (_, shadow) = self.context(context)?.with_shadow(view)?;
        let table = &shadow.view.table;
        let ask = Ask::plain(&format!(
            "SELECT number, version, body FROM {table} WHERE number > $1 ORDER BY number LIMIT $2"
        ));
        let rows = self.read(ask.bind(capped(after)).bind(at_most(limit)))?;
        Ok(rows.iter().map(View::shown).collect::<Result<_, Fault>>()?)
    }

    /// Only names change, however many rows there are.
    fn switch(
        &self,
        context: &'static str,
        view: &'static str,
        mark: &Progress,
    ) -> Result<(), StoreError> {
        let context = self.context(context)?;
        let (view, shadow) = context.with_shadow(view)?;
        let marks = std::slice::from_ref(mark);
        let mut asks = vec![context.head.lock(), context.subscriptions.fenced(marks)?];
        asks.extend(shadow.switched(view).iter().map(|statement| Ask::plain(statement)));
        asks.push(context.subscriptions.put(marks)?);
        asks.push(context.head.step(0));
        let checks = vec![Check::Head(context.name, None), Check::Fenced];
        Ok(self.writer.commit(&self.driver, Plan { asks, checks })?)
    }

    fn remove(&self, context: &'static str, view: &'static str) -> Result<bool, StoreError> {
        let (_, shadow) = self.context(context)?.with_shadow(view)?;
        self.read(Ask::plain(&format!("DROP TABLE IF EXISTS {}", shadow.view.table)))?;
        Ok(true)
    }
}

/// Removes what processes left behind that ended in the middle. A rebuild that
/// is under way elsewhere finds its shadow gone, fails, and is begun anew.
pub async fn remove_all(session: &mut Session, context: &str) -> Result<(), Fault> {
    let schema = quoted(context);
    let tables = Ask::plain("SELECT tablename::text FROM pg_tables WHERE schemaname = $1");
    for row in session.ask(&tables.bind(context.to_owned())).await? {
        let table = take::<String>(&row, 0)?;
        if table.starts_with(SHADOW) {
            session.batch(&format!("DROP TABLE IF EXISTS {schema}.{}", quoted(&table))).await?;
        }
    }
    Ok(())
}
