//! Replicas that are restarted one after the other under load.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
};

use rest::edge::limits::Limits;
use serde_json::json;

use crate::{
    client::{Client, until},
    yard::{Front, Server, all_at, business},
};

const CLIENTS: u64 = 16;
const RESTARTS: usize = 3;
/// As long as usual in proportion: replicas are asked every 10 ms instead of 100 ms.
const LIMITS: Limits = Limits {
    header_ms: 5_000,
    idle_ms: 75_000,
    body_ms: 20_000,
    write_ms: 20_000,
    linger_ms: 1_000,
    connections_max: 8_192,
    connections_per_address_max: 1_024,
    header_bytes_max: 64 * 1024,
    streams_max: 128,
    propagation_ms: 100,
    settle_ms: 150,
    finish_ms: 10_000,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_replicas_are_restarted() {
    let business = business();
    let mut servers = [(); 2].map(|()| Some(Server::at(&business, "127.0.0.1:0", LIMITS)));
    let addresses = servers.each_ref().map(|it| it.as_ref().unwrap().address);
    let front = Front::of(all_at(&addresses)).await;
    let (over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            // Half of them keep their connection, half make a new one for each request.
            tokio::spawn(ask(front.address, number % 2 == 0, over.clone(), answered.clone()))
        })
        .collect();
    for _ in 0..RESTARTS {
        for (server, address) in servers.iter_mut().zip(addresses) {
            assert_eq!(server.take().unwrap().stop().await.unwrap().cut, 0);
            *server = Some(Server::at(&business, &address.to_string(), LIMITS));
            let line = format!("_health{{context=\"stock\",replica=\"{address}\"}} 2");
            until("it is back", async || {
                Client::to(front.operators).await.get("/metrics").await.body.contains(&line)
            })
            .await;
        }
    }
    over.store(true, Relaxed);
    let mut failed = Vec::new();
    for client in clients {
        failed.extend(client.await.unwrap());
    }
    let answered = answered.load(Relaxed);
    assert!(answered > CLIENTS * 10, "{answered}");
    assert_eq!(failed, Vec::<String>::new(), "of {answered}");
}

/// Asks for repairs without a key until it is over; what has failed.
async fn ask(
    front: SocketAddr,
    keeps: bool,
    over: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
) -> Vec<String> {
    let mut failed = Vec::new();
    let asked = json!({ "symptom": "물이 새요", "productId": "1", "customerName": "허윤" });
    let asked = asked.to_string();
    let mut client = Client::to(front).await;
    while !over.load(Relaxed) {
        if !keeps {
            client = Client::to(front).await;
        }
        match client.try_ask("POST", "/requests", &[], &asked).await {
            Ok(answer) if answer.status == 201 => drop(answered.fetch_add(1, Relaxed)),
            Ok(answer) => failed.push(format!("{answer:?}")),
            Err(error) => {
                failed.push(error.to_string());
                client = Client::to(front).await;
            }
        }
    }
    failed
}
