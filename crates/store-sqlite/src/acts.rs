//! What operators did about deliveries: only ever added to.

use std::sync::Arc;

use kernel::{Actor, Time};
use runtime::store::{Act, Deed, DeliveryKey};
use rusqlite::{Connection, Params, params_from_iter, types::Value};

use crate::{
    deliveries::{COLUMNS, MADE, delivery, values},
    fault::Fault,
    part::{Part, at_most, capped, quoted},
    words::Words,
};

/// What an act has beside the delivery it is about.
const OWN: &str = "at, by_name, by_role, deed, why";

/// The deeds as they are stored: their place in this list.
const DEEDS: [Deed; 2] = [Deed::Replay, Deed::Abandon];

/// The acts of one context.
#[derive(Debug)]
pub struct Acts {
    table: String,
    add: String,
    all: String,
    about: String,
}

impl Acts {
    /// Of that context.
    pub fn of(context: &str) -> Self {
        let table = format!("{context}/act");
        let acts = quoted(&table);
        let select = format!("SELECT {COLUMNS}, {OWN} FROM {acts}");
        let in_order = "ORDER BY number DESC LIMIT ?1";
        let one = "subscription = ?2 AND position = ?3 AND source = ?4";
        Self {
            add: format!(
                "INSERT INTO {acts} ({COLUMNS}, {OWN})
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12,
                   ?13, ?14, ?15, ?16, ?17)"
            ),
            all: format!("{select} {in_order}"),
            about: format!("{select} WHERE {one} {in_order}"),
            table,
        }
    }

    pub fn parts(&self) -> Vec<Part> {
        let columns = format!(
            "number INTEGER PRIMARY KEY, {MADE}, at INTEGER NOT NULL, by_name TEXT NOT NULL,
             by_role TEXT NOT NULL, deed INTEGER NOT NULL, why TEXT NOT NULL"
        );
        let about = format!("{}/about", self.table);
        vec![
            Part::table(&self.table, &columns, ""),
            Part::index(&about, &self.table, "(subscription, position, source)"),
        ]
    }

    /// Adds one.
    pub fn add(&self, connection: &Connection, words: &Words, it: &Act) -> Result<(), Fault> {
        let own: [Value; 5] = [
            it.at.0.into(),
            it.by.name.to_string().into(),
            it.by.role.to_string().into(),
            DEEDS.iter().position(|deed| *deed == it.deed).map(at_most).into(),
            it.why.to_string().into(),
        ];
        let values = values(connection, words, &it.found)?.into_iter().chain(own);
        connection.prepare_cached(&self.add)?.execute(params_from_iter(values))?;
        Ok(())
    }

    /// The newest first: about one delivery, or about all.
    pub fn list(
        &self,
        connection: &Connection,
        words: &Words,
        about: Option<&DeliveryKey>,
        limit: usize,
    ) -> Result<Vec<Act>, Fault> {
        let limit = at_most(limit);
        let Some(key) = about else {
            return self.select(connection, words, &self.all, [limit]);
        };
        let names = (words.find(&key.subscription), words.find(key.source));
        let (Some(subscription), Some(source)) = names else { return Ok(Vec::new()) };
        let about = (limit, subscription, capped(key.position), source);
        self.select(connection, words, &self.about, about)
    }

    fn select(
        &self,
        connection: &Connection,
        words: &Words,
        sql: &str,
        params: impl Params,
    ) -> Result<Vec<Act>, Fault> {
        let mut select = connection.prepare_cached(sql)?;
        let mut rows = select.query(params)?;
        let words = words.list();
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let deed: usize = row.get(15)?;
            let unknown = || Fault::Unreadable(self.table.clone(), format!("deed {deed}"));
            found.push(Act {
                found: delivery(row, &words, &self.table)?,
                at: Time(row.get(12)?),
                by: Actor::new(row.get::<_, Arc<str>>(13)?, row.get::<_, Arc<str>>(14)?),
                deed: *DEEDS.get(deed).ok_or_else(unknown)?,
                why: row.get(16)?,
            });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::Acts;
    use crate::plans::plan;

    #[test]
    fn no_list_of_acts_is_sorted() {
        let it = Acts::of("shop");
        assert_eq!(plan(&it.parts(), &it.all), ["SCAN shop/act"]);
        let by_one = "INDEX shop/act/about (subscription=? AND position=? AND source=?)";
        assert_eq!(plan(&it.parts(), &it.about), [format!("SEARCH shop/act USING {by_one}")]);
    }
}
