//! One statement on a connection of its own.

use std::{error::Error, thread, time::Duration};

use tokio_postgres::{Config, NoTls, SimpleQueryMessage};

/// How long one statement may take, with the connection.
const DEADLINE: Duration = Duration::from_secs(20);

type Rows = Vec<Vec<Option<String>>>;

/// Runs it on a thread of its own, so that it can be called from anywhere.
pub fn ask(url: &str, sql: &str) -> Result<Rows, String> {
    let config = url.parse::<Config>().map_err(|error| told(&error))?;
    thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build();
            tokio.map_err(|error| told(&error))?.block_on(async {
                tokio::time::timeout(DEADLINE, run(config, sql))
                    .await
                    .unwrap_or_else(|_| Err("it does not answer".to_owned()))
            })
        });
        asking.join().unwrap_or_else(|_| Err("it panicked".to_owned()))
    })
}

async fn run(config: Config, sql: &str) -> Result<Rows, String> {
    let (client, connection) = config.connect(NoTls).await.map_err(|error| told(&error))?;
    let connection = tokio::spawn(connection);
    let messages = client.simple_query(sql).await.map_err(|error| told(&error))?;
    drop(client);
    drop(connection.await);
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect())
        }
        _ => None,
    });
    Ok(rows.collect())
}

fn told(error: &dyn Error) -> String {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    format!("{error}{cause}")
}
