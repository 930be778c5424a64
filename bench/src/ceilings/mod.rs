//! The bare servers that ours is measured by: nothing but what cannot be left out.

mod echo;
mod read;
mod sqlite;
mod wait;

use std::{future::Future, net::SocketAddr};

use anyhow::Result;
use axum::Router;
use clap::Subcommand;
use tokio::{net::TcpListener, runtime::Builder};

/// Which one.
#[derive(Debug, Subcommand)]
pub enum Ceiling {
    /// Sends back what it is sent.
    Echo,
    /// Stores as many rows for every request as ours does.
    Sqlite(sqlite::Rows),
    /// Reads rows from a table.
    Read(read::Table),
    /// Waits for a slow payment.
    Wait,
}

/// Serves until it is killed.
pub fn serve(ceiling: &Ceiling) -> Result<()> {
    match ceiling {
        Ceiling::Echo => run(async { Ok(echo::router()) }),
        Ceiling::Sqlite(rows) => run(async { sqlite::router(rows) }),
        Ceiling::Read(table) => run(async { read::router(table) }),
        Ceiling::Wait => run(async { Ok(wait::router()) }),
    }
}

/// With the same scheduler that ours has.
fn run(router: impl Future<Output = Result<Router>>) -> Result<()> {
    Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let router = router.await?;
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        println!("http://{}/", listener.local_addr()?);
        let listener = axum::serve::ListenerExt::tap_io(listener, |socket| {
            // A socket that refuses is gone.
            let _ = socket.set_nodelay(true);
        });
        Ok(axum::serve(listener, router).await?)
    })
}
