//! Opening a database: what could be wrong is found before anything is made.

use std::sync::Arc;

use runtime::store::Layout;
use tokio_postgres::{Config, config::Host};

use crate::{
    PostgresStore,
    ask::Ask,
    connect::Connector,
    context::Context,
    driver::Driver,
    error::{OpenError, Why},
    fault::Fault,
    migrate::{begin, migrate},
    options::Options,
    pool::Pool,
    prepare::{long_name, prepare, understood},
    session::Session,
    taken::take,
    writer::Writer,
};

/// The oldest server that is good, as it counts itself.
const OLDEST: i32 = 130_000;

impl PostgresStore {
    /// Opens the database at a URL and makes what is missing for the contexts,
    /// each in a schema of its name. Several may do so at the same time.
    ///
    /// # Errors
    ///
    /// In one clear line, and then nothing in the database has changed.
    pub fn open(url: &str, layout: Layout, options: &Options) -> Result<Self, OpenError> {
        let Ok(config) = url.parse::<Config>() else {
            let place = "this is not the address of a PostgreSQL database".to_owned();
            return Err(OpenError { place, why: Why::NoAddress });
        };
        let place = place(&config);
        Self::with(config, layout, options).map_err(|why| OpenError { place, why })
    }

    fn with(config: Config, layout: Layout, options: &Options) -> Result<Self, Why> {
        let contexts = layout.contexts.iter().map(Context::of).collect::<Vec<_>>();
        if let Some(name) = long_name(&contexts) {
            return Err(Why::LongName(name));
        }
        let driver = Driver::start().map_err(|error| Why::Unreachable(error.to_string()))?;
        let connector = Arc::new(Connector::of(config, options));
        let opening = options.opening;
        let (knocking, declared) = (Arc::clone(&connector), layout.clone());
        let session = driver.wait(async move {
            let opened = tokio::time::timeout(opening, opened(&knocking, &declared, opening));
            opened.await.map_err(|_| Fault::away("it did not answer in time"))
        });
        let session = session.map_err(Why::from)??;
        let pool = Arc::new(Pool::of(Arc::clone(&connector), options));
        let writer = Writer::of(connector, session, options.deadline);
        Ok(Self { contexts, layout, pool, writer, driver })
    }
}

/// A connection to a database that has room for everything.
async fn opened(
    connector: &Connector,
    layout: &Layout,
    opening: std::time::Duration,
) -> Result<Session, Why> {
    let mut session = connector.session().await?;
    usable(&mut session).await?;
    let ms = opening.as_millis();
    session.batch(&format!("SET statement_timeout = {ms}; SET lock_timeout = {ms}")).await?;
    begin(&mut session).await?;
    for declared in &layout.contexts {
        migrate(&mut session, declared.name).await?;
        understood(&mut session, declared).await?;
        prepare(&mut session, &Context::of(declared)).await?;
    }
    session.batch("COMMIT").await?;
    connector.set_up(&session).await?;
    Ok(session)
}

/// Whether the server is one that keeps what it promises.
async fn usable(session: &mut Session) -> Result<(), Why> {
    let settings = Ask::plain(
        "SELECT current_setting('server_version_num')::int, current_setting('server_version'),
           current_setting('fsync'), current_setting('full_page_writes')",
    );
    let rows = session.ask(&settings).await?;
    for row in &rows {
        if take::<i32>(row, 0)? < OLDEST {
            let found = take::<String>(row, 1)?;
            return Err(Why::OldServer { found, needed: OLDEST / 10_000 });
        }
        if take::<&str>(row, 2)? != "on" || take::<&str>(row, 3)? != "on" {
            tracing::warn!("the server may lose what it has acknowledged: fsync is off");
        }
    }
    Ok(())
}

/// The address without the password.
fn place(config: &Config) -> String {
    let user = config.get_user().map(|user| format!("{user}@")).unwrap_or_default();
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(at, host)| {
        let host = match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        };
        let port = ports.get(at).or(ports.first()).copied().unwrap_or(5432);
        format!("{host}:{port}")
    });
    let hosts = hosts.collect::<Vec<_>>().join(",");
    format!("postgres://{user}{hosts}/{}", config.get_dbname().unwrap_or_default())
}
