//! Someone who sits at the server: looks, acts, and asks what an operator may ask.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    checks::Ledger,
    client::{Answer, Ask, Client},
    wait::until,
    wish::Wish,
};

/// The outside system that takes the money.
pub const PROVIDER: &str = "payment-provider";

/// Someone who sits at the server.
#[derive(Debug)]
pub struct Desk {
    pub server: SocketAddr,
    client: Client,
}

impl Desk {
    /// At this server.
    pub fn at(server: SocketAddr) -> Self {
        Self { server, client: Client::new(true) }
    }

    /// Asks once.
    pub async fn send(&mut self, ask: &Ask) -> Result<Answer> {
        Ok(self.client.send(self.server, ask).await?)
    }

    /// Looks at what must be there.
    pub async fn get(&mut self, path: &str) -> Result<Value> {
        let answer = self.send(&Ask::get(path)).await?;
        ensure!(answer.status == 200, "{path}: {answer}");
        Ok(answer.body)
    }

    /// The status with which this is answered; 0 when there is no answer.
    pub async fn status(&mut self, path: &str) -> u16 {
        let answer = self.client.send(self.server, &Ask::get(path)).await;
        answer.map_or(0, |it| it.status)
    }

    /// Gives a command that must be taken; the number of what it began.
    pub async fn given(&mut self, wish: &Wish, by: &str) -> Result<u64> {
        let answer = self.send(&wish.ask().by(by)).await?;
        ensure!((200..300).contains(&answer.status), "{wish}: {answer}");
        Ok(answer.body["id"].as_u64().unwrap_or_default())
    }

    /// A request of this customer.
    pub async fn requested(&mut self, customer: &str, product: &str) -> Result<u64> {
        let (customer, product) = (customer.to_owned(), product.to_owned());
        self.given(&Wish::Request { customer: customer.clone(), product }, &customer).await
    }

    /// A job that is kim's.
    pub async fn accepted(&mut self, customer: &str, product: &str) -> Result<u64> {
        let id = self.requested(customer, product).await?;
        self.shows(&format!("/services/{id}"), "status", "REQUESTED").await?;
        self.given(&Wish::Accept(id), "kim").await?;
        Ok(id)
    }

    /// Parts come in.
    pub async fn receive(&mut self, product: &str, parts: u64, price: u64) -> Result<()> {
        let wish = Wish::Receive { product: product.to_owned(), parts, price };
        self.given(&wish, "keeper").await.map(drop)
    }

    /// Makes a context or an outside system feel so.
    pub async fn feel(&mut self, who: &str, state: &str) -> Result<()> {
        let body = Some(json!({ "state": state }));
        let ask = Ask { body, ..Ask::put(format!("/ops/lab/{who}")) };
        let answer = self.send(&ask).await?;
        ensure!(answer.status == 200, "{who} {state}: {answer}");
        Ok(())
    }

    /// Waits until a row has this; how long it took.
    pub async fn shows(&mut self, path: &str, name: &str, value: &str) -> Result<Duration> {
        let began = Instant::now();
        until(&format!("{path} shows {value}"), async || {
            let answer = self.send(&Ask::get(path)).await?;
            Ok((answer.body[name] == value).then_some(()))
        })
        .await?;
        Ok(began.elapsed())
    }

    /// The deliveries in a stage.
    pub async fn deliveries(&mut self, stage: &str) -> Result<Vec<Value>> {
        let told = self.get(&format!("/ops/deliveries?stage={stage}&limit=1000")).await?;
        Ok(told["deliveries"].as_array().context("deliveries")?.clone())
    }

    /// Waits until so many are in a stage.
    pub async fn comes_to(&mut self, stage: &str, count: usize) -> Result<Vec<Value>> {
        until(&format!("{count} deliveries are {stage}"), async || {
            let found = self.deliveries(stage).await?;
            Ok((found.len() == count).then_some(found))
        })
        .await
    }

    /// Has a delivery tried again; the status of the answer.
    pub async fn replay(&mut self, delivery: &Value) -> Result<u16> {
        let mut body = json!({});
        for field in ["context", "subscription", "source", "position"] {
            body[field] = delivery[field].clone();
        }
        Ok(self.send(&Ask::post("/ops/deliveries/replay", body)).await?.status)
    }

    /// The sum of a figure over the lines of the ledger.
    pub async fn sum(&mut self, figure: &str) -> Result<u64> {
        Ok(Ledger::read(self.server).await?.sum(figure))
    }
}
