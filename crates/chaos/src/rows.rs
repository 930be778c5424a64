//! What the server shows, read to the end.

use std::{collections::BTreeMap, net::SocketAddr};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::client::{Ask, Client};

/// The rows of one view, by number.
pub type Rows = BTreeMap<u64, Value>;

/// All views of the centre.
#[derive(Debug)]
pub struct Shown {
    pub requests: Rows,
    pub services: Rows,
    pub stocks: Rows,
    pub pays: Rows,
    pub progress: Rows,
}

impl Shown {
    /// Everything there is to be seen now.
    pub async fn read(server: SocketAddr) -> Result<Self> {
        Ok(Self {
            requests: all(server, "requests").await?,
            services: all(server, "services").await?,
            stocks: all(server, "stocks").await?,
            pays: all(server, "pays").await?,
            progress: all(server, "progressViews").await?,
        })
    }
}

/// All rows of one view, page after page.
pub async fn all(server: SocketAddr, view: &str) -> Result<Rows> {
    let mut client = Client::new(true);
    let mut rows = Rows::new();
    let mut next = Some(format!("/{view}?size=200"));
    while let Some(path) = next {
        let answer = client.send(server, &Ask::get(&path)).await?;
        ensure!(answer.status == 200, "{path}: {answer}");
        let page = answer.body["_embedded"][view].as_array().context("a page")?;
        for row in page {
            let id = row["id"].as_u64().context("a row with an id")?;
            ensure!(rows.insert(id, row.clone()).is_none(), "{view} {id} is listed twice");
        }
        next = answer.body["_links"]["next"]["href"].as_str().map(ToOwned::to_owned);
    }
    Ok(rows)
}

/// What a row says of its status.
pub fn status(rows: &Rows, id: u64) -> &str {
    rows.get(&id).and_then(|it| it["status"].as_str()).unwrap_or("nothing")
}
