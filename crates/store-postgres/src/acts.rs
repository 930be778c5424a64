//! What operators did about deliveries.

use std::sync::Arc;

use kernel::{Actor, Time};
use runtime::store::{Act, Deed, DeliveryKey};
use tokio_postgres::Row;

use crate::{
    PostgresStore,
    ask::{Ask, Blob, at_most, capped},
    context::sql,
    deliveries::{ARRAYS, COLUMNS, Deliveries, bound},
    fault::Fault,
    taken::{take, text},
};

/// All deeds: they are stored by their names.
const DEEDS: [Deed; 2] = [Deed::Replay, Deed::Abandon];

/// The acts of one context, in the order in which they were committed.
#[derive(Debug)]
pub struct Acts {
    put: Arc<str>,
    all: Arc<str>,
    about: Arc<str>,
}

impl Acts {
    /// Of the context with that schema.
    pub fn of(schema: &str) -> Self {
        let columns = format!("{COLUMNS}, at, actor, role, deed, why");
        let select = format!("SELECT {columns} FROM {schema}.act");
        let newest = "ORDER BY id DESC LIMIT $1";
        Self {
            put: sql(format!(
                "INSERT INTO {schema}.act ({columns})
                 SELECT * FROM unnest({ARRAYS}, $13::bigint[], $14::bytea[], $15::bytea[],
                   $16::text[], $17::bytea[])"
            )),
            all: sql(format!("{select} {newest}")),
            about: sql(format!(
                "{select} WHERE subscription = $2 AND position = $3 AND source = $4 {newest}"
            )),
        }
    }

    /// Keeps them.
    pub fn put(&self, acts: &[Act]) -> Result<Ask, Fault> {
        let found = acts.iter().map(|it| &it.found).collect::<Vec<_>>();
        Ok(bound(Ask::of(&self.put), &found)?
            .column(acts, |it| it.at.0)
            .column(acts, |it| Blob::from(&it.by.name))
            .column(acts, |it| Blob::from(&it.by.role))
            .column(acts, |it| it.deed.name())
            .column(acts, |it| Blob::from(&it.why)))
    }

    /// The newest, about one delivery or about all.
    pub fn list(&self, about: Option<&DeliveryKey>, limit: usize) -> Ask {
        let Some(key) = about else { return Ask::of(&self.all).bind(at_most(limit)) };
        let about = Ask::of(&self.about).bind(at_most(limit)).bind(key.subscription.to_string());
        about.bind(capped(key.position)).bind(key.source)
    }

    /// All that were read.
    pub fn acts(
        store: &PostgresStore,
        deliveries: &Deliveries,
        rows: &[Row],
    ) -> Result<Vec<Act>, Fault> {
        let acts = rows.iter().map(|row| {
            let deed = take::<&str>(row, 15)?;
            let unknown = || Fault::Unreadable("an act".to_owned(), format!("nobody can {deed}"));
            Ok(Act {
                at: Time(take(row, 12)?),
                by: Actor { name: text(row, 13)?, role: text(row, 14)? },
                deed: DEEDS.into_iter().find(|it| it.name() == deed).ok_or_else(unknown)?,
                why: text(row, 16)?,
                found: deliveries.delivery(store, row)?,
            })
        });
        acts.collect()
    }
}
