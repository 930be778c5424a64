//! Stands in front of processes that serve: one address for all contexts.

use std::{net::SocketAddr, sync::Arc};

use gateway::{Gateway, Ground, Places};
use kernel::System;
use rest::edge::{Edge, limits::Limits};
use tokio::runtime::Builder;

use crate::{
    exit::{self, Code, OrStop, Outcome, Stop},
    serve::{ambient::OsChance, descriptors, doors, logging, signals::Signals},
    settings::Settings,
};

/// Printed under `madang gateway --help`.
pub const EXAMPLES: &str = "\
Examples:
  madang gateway repair --at 127.0.0.1:8081,127.0.0.1:8082
  madang gateway repair --at request=10.0.0.1:8080,stock=stock.internal:8080
  madang ledger --url http://127.0.0.1:8089";

/// Stands there until the process is asked to end; alone, a business is at the root too.
/// Tethered, its standard input ends it as well.
pub fn run(systems: Vec<System>, (alone, tethered): (bool, bool), settings: &Settings) -> Outcome {
    known(&systems, &settings.routes())?;
    logging::start(settings)?;
    let tokio = Builder::new_multi_thread().enable_all().build().or_stop(Code::Internal)?;
    tokio.block_on(serve(systems, (alone, tethered), settings))
}

/// Every context that has a place must be one, and one at least must have a place.
fn known(systems: &[System], at: &Places) -> Outcome {
    let contexts = systems.iter().flat_map(|it| &it.contexts);
    let names: Vec<_> = contexts.map(|it| it.name).collect();
    let unknown = at.contexts.keys().find(|it| !names.contains(&it.as_str()));
    let line = match unknown {
        Some(name) => format!("there is no context \"{name}\" (known: {})", names.join(", ")),
        None if at.common.is_empty() && at.contexts.is_empty() => {
            "say where the contexts are served: --at host:port".to_owned()
        }
        None => return Ok(()),
    };
    Err(Stop::new(Code::Usage, line))
}

async fn serve(
    systems: Vec<System>,
    (alone, tethered): (bool, bool),
    settings: &Settings,
) -> Outcome {
    let mut signals = Signals::listen(tethered)?;
    let (own, places) = (&settings.gateway, settings.routes());
    let public = doors::open(&own.listen, settings)?;
    let operators = doors::open(&own.operators, settings)?;
    let greeting = greeting(&systems, alone, (public.address(), operators.address()), &places);
    let limits = descriptors::limits();
    // Each request may need a connection on both sides.
    let mut edge = Edge::new(Limits { connections_max: limits.connections_max / 2, ..limits });
    let limits = gateway::Settings { deadline: own.deadline, rate: own.rate, ..Default::default() };
    let chance = Arc::new(OsChance);
    let ground = Ground { systems, alone, places, settings: limits, chance };
    Gateway::start(ground, &edge).await.serve(&mut edge, public, operators);
    // Whoever does not want to read it is served all the same.
    drop(exit::print(greeting));
    tracing::info!("started");
    let drained = edge.run_until(async {
        let (signal, _) = signals.next().await;
        tracing::info!(signal, "ending");
        // Whoever asks a second time does not want to wait.
        tokio::spawn(async move { std::process::exit(signals.next().await.1) });
    });
    let cut = drained.await.cut;
    tracing::info!(cut, "ended");
    Ok(())
}

fn greeting(
    systems: &[System],
    alone: bool,
    (public, operators): (SocketAddr, SocketAddr),
    at: &Places,
) -> String {
    let mut lines = vec!["madang · 관문 · gateway".to_owned()];
    for system in systems {
        let root = if alone { format!("  http://{public}") } else { String::new() };
        lines.push(format!("  {}  http://{public}/{}{root}", system.title.ko, system.name));
        for context in &system.contexts {
            let at = at.of(context.name);
            let at = if at.is_empty() { "없음 · nowhere".to_owned() } else { at.join(" · ") };
            lines.push(format!("    {}  {at}", context.name));
        }
    }
    lines.push(format!("  운영자 · operators  http://{operators}/ops/ledger"));
    lines.push("  끝내려면 · to end it  Ctrl+C\n".to_owned());
    lines.push("해 보기 · try".to_owned());
    lines.push(format!("  curl http://{public}/"));
    lines.push(format!("  madang ledger --url http://{operators}\n"));
    lines.join("\n")
}
