//! One repair after another as the trade has it, with contexts and the payment provider away.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{
    Report,
    client::{Answer, Ask, Client},
    dose::Dose,
    process::{Launch, Server},
    records::Records,
    remains::Remains,
    report::Finding,
    site::Site,
    wait::until,
    wish::Wish,
};

const PROVIDER: &str = "payment-provider";

/// One walk, and what was seen on it.
struct Walk<'a> {
    site: &'a Site,
    launch: Launch,
    server: Server,
    client: Client,
    lines: Vec<Finding>,
}

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, _: &Dose) -> Result<Report> {
    let mut walk = Walk::begin(site).await?;
    walk.a_repair_is_asked_for_done_and_paid().await?;
    walk.two_want_the_same_job().await?;
    walk.stock_is_down().await?;
    walk.payment_is_down().await?;
    walk.the_provider_is_away("down").await?;
    walk.the_provider_is_away("unknown").await?;
    walk.the_provider_declines().await?;
    walk.the_customer_cancels().await?;
    walk.only_request_is_up().await?;
    walk.doors_that_stay_shut().await?;
    walk.end().await
}

impl<'a> Walk<'a> {
    async fn begin(site: &'a Site) -> Result<Self> {
        let launch = site.launch(&["--lab"]);
        let server = launch.start().await?;
        Ok(Self { site, launch, server, client: Client::new(true), lines: Vec::new() })
    }

    async fn a_repair_is_asked_for_done_and_paid(&mut self) -> Result<()> {
        let body = json!({ "symtom": "화면이 안나와요", "productId": "1", "customerName": "Hong" });
        let asked = self.send(&Ask::post("/requests", body)).await?;
        let is_so = asked.status == 201
            && asked.body["symptom"] == "화면이 안나와요"
            && asked.body["symtom"] == "화면이 안나와요";
        self.line("a request is taken, its symptom under both names", is_so, &asked);
        let id = asked.body["id"].as_u64().context("an id")?;
        self.comes_to(id, "REQUESTED").await?;
        self.line("the service list shows REQUESTED", true, "");

        self.receive("1", 0).await?;
        let short = self.accept(id, "kim").await?;
        let is_so = short.status == 409 && short.sentence().contains("waits for parts");
        self.line("with stock 0 an accept is refused", is_so, &short);
        let job = self.job(id).await?;
        self.line("and the job is OUTOFSTOCK", job["status"] == "OUTOFSTOCK", &job);
        self.progress_comes_to(id, "OUTOFSTOCK").await?;

        self.receive("1", 5).await?;
        let accepted = self.accept(id, "kim").await?;
        let row = &accepted.body;
        let is_so = accepted.status == 200
            && (&row["status"], &row["engineerName"]) == (&json!("ACCEPTED"), &json!("kim"));
        self.line("with stock 5 the job is ACCEPTED", is_so, &accepted);
        self.line("at a price of 5000", row["price"] == 5000, &accepted);
        self.shelf("1", (5, 1, 4), "one part of five is reserved").await?;

        let second = self.accept(id, "lee").await?;
        let is_so = second.status == 409 && second.sentence().contains("kim");
        self.line("a second accept is refused with the name of the first", is_so, &second);

        let done = self.send(&Wish::Complete(id).ask().by("kim")).await?;
        let is_so = done.status == 200 && done.body["status"] == "PAID";
        self.line("complete, and it is PAID", is_so, &done);
        until("the part is used up", async || {
            let part = self.get("/stocks/product/1").await?;
            Ok((figures(&part) == (Some(4), Some(0), Some(4))).then_some(()))
        })
        .await?;
        self.line("stock is 4", true, "");
        let pay = self.get(&format!("/pays/{id}")).await?;
        let is_so = pay["status"] == "PAID" && pay["price"] == 5000;
        self.line("the payment is PAID, of 5000", is_so, &pay);
        self.progress_comes_to(id, "PAID").await?;
        self.line("the customer followed it from OUTOFSTOCK to PAID", true, "");
        let again = self.send(&Wish::Complete(id).ask().by("kim")).await?;
        self.line("it is not repaired twice", again.status == 409, &again);
        Ok(())
    }

    async fn two_want_the_same_job(&mut self) -> Result<()> {
        self.receive("2", 2).await?;
        let id = self.requested("2").await?;
        let (address, mut other) = (self.server.address, Client::new(true));
        let (kim, lee) = (Wish::Accept(id).ask().by("kim"), Wish::Accept(id).ask().by("lee"));
        let answers = tokio::join!(self.client.send(address, &kim), other.send(address, &lee));
        let (first, second) = (answers.0?, answers.1?);
        let (winner, name, loser) =
            if first.status == 200 { (first, "kim", second) } else { (second, "lee", first) };
        let is_so = winner.status == 200
            && winner.body["engineerName"] == name
            && loser.status == 409
            && loser.sentence().contains(name);
        let seen = format!("{winner} and {loser}");
        self.line("two accept at once: one has it, the other hears the name", is_so, seen);
        self.shelf("2", (2, 1, 1), "and one part is reserved, not two").await
    }

    async fn stock_is_down(&mut self) -> Result<()> {
        self.receive("3", 1).await?;
        let id = self.requested("3").await?;
        self.feel("stock", "down").await?;
        let accepted = self.accept(id, "kim").await?;
        let is_so = accepted.status == 503 && accepted.problem() == "unavailable";
        self.line("stock down: an accept cannot be decided (503)", is_so, &accepted);
        let job = self.job(id).await?;
        self.line("and the job is still REQUESTED", job["status"] == "REQUESTED", &job);
        self.feel("stock", "up").await?;
        let accepted = self.accept(id, "kim").await?;
        self.line("stock up: the same accept succeeds", accepted.status == 200, &accepted);
        Ok(())
    }

    async fn payment_is_down(&mut self) -> Result<()> {
        let id = self.accepted("4").await?;
        self.feel("payment", "down").await?;
        let done = self.complete(id).await?;
        let is_so = done.status == 202 && done.body["status"] == "REPAIRED";
        self.line("payment down: complete leads to REPAIRED, not PAID", is_so, &done);
        self.feel("payment", "up").await?;
        self.comes_to(id, "PAID").await?;
        self.line("payment up: it becomes PAID by itself", true, "");
        self.charged(id, 1, "and was charged once")
    }

    /// Down, or doing what it is asked while its answers are lost.
    async fn the_provider_is_away(&mut self, state: &str) -> Result<()> {
        let id = self.accepted(&format!("provider-{state}")).await?;
        self.feel(PROVIDER, state).await?;
        let done = self.complete(id).await?;
        let row = &done.body;
        let is_so = done.status == 202
            && (&row["status"], &row["payStatus"]) == (&json!("REPAIRED"), &json!("PENDING"));
        self.line(format!("provider {state}: it is REPAIRED, the money PENDING"), is_so, &done);
        if state == "unknown" {
            until("the provider has charged", async || {
                Ok((charges(self.site, id)? > 0).then_some(()))
            })
            .await?;
            let job = self.job(id).await?;
            let is_so = job["status"] == "REPAIRED";
            self.line("it was charged, nobody here knows, and nobody says PAID", is_so, &job);
        }
        self.feel(PROVIDER, "up").await?;
        self.comes_to(id, "PAID").await?;
        self.line(format!("provider no longer {state}: it becomes PAID by itself"), true, "");
        self.charged(id, 1, "and was charged once")
    }

    async fn the_provider_declines(&mut self) -> Result<()> {
        let id = self.accepted("6").await?;
        self.feel(PROVIDER, "decline").await?;
        let done = self.send(&Wish::Complete(id).ask().by("kim")).await?;
        let row = &done.body;
        let is_so = done.status == 200
            && (&row["status"], &row["payStatus"]) == (&json!("REPAIRED"), &json!("DECLINED"));
        self.line("provider declines: it stays REPAIRED, the money DECLINED", is_so, &done);
        self.feel(PROVIDER, "up").await?;
        let paid = self.send(&Ask::put(format!("/pays/{id}/retry")).by("Hong")).await?;
        let is_so = paid.status == 200 && paid.body["status"] == "PAID";
        self.line("paid at the second attempt", is_so, &paid);
        self.comes_to(id, "PAID").await?;
        self.charged(id, 1, "and was charged once")
    }

    async fn the_customer_cancels(&mut self) -> Result<()> {
        self.receive("7", 1).await?;
        let id = self.requested("7").await?;
        let canceled = self.cancel(id).await?;
        let is_so = canceled.status == 200 && canceled.body["status"] == "CANCELED";
        self.line("a request is canceled before an engineer has it", is_so, &canceled);
        let late = self.accept(id, "kim").await?;
        let is_so = late.status == 409 && late.sentence().contains("canceled");
        self.line("and can no longer be accepted", is_so, &late);

        let id = self.requested("7").await?;
        ensure!(self.accept(id, "kim").await?.status == 200, "an accept");
        self.shelf("7", (1, 1, 0), "the only part is reserved").await?;
        let canceled = self.cancel(id).await?;
        let is_so = canceled.status == 200 && canceled.body["status"] == "CANCELED";
        self.line("a job is canceled that was accepted", is_so, &canceled);
        until("the part is free again", async || {
            let part = self.get("/stocks/product/7").await?;
            Ok((figures(&part) == (Some(1), Some(0), Some(1))).then_some(()))
        })
        .await?;
        self.line("and its part is free again", true, "");

        let id = self.accepted("8").await?;
        let done = self.send(&Wish::Complete(id).ask().by("kim")).await?;
        ensure!(done.body["status"] == "PAID", "{done}");
        let late = self.cancel(id).await?;
        self.line("what is repaired cannot be canceled", late.status == 409, &late);
        self.charged(id, 1, "and stays paid")
    }

    async fn only_request_is_up(&mut self) -> Result<()> {
        let others = ["service", "stock", "payment", "progress"];
        for context in others {
            self.feel(context, "down").await?;
        }
        let body = json!({ "symptom": "소음", "productId": "3", "customerName": "Night" });
        let asked = self.send(&Ask::post("/requests", body)).await?;
        self.line("a request is taken while all others are down", asked.status == 201, &asked);
        let list = self.send(&Ask::get("/services")).await?;
        self.line("the service list answers 503 meanwhile", list.status == 503, &list);
        for context in others {
            self.feel(context, "up").await?;
        }
        self.comes_to(asked.body["id"].as_u64().context("an id")?, "REQUESTED").await?;
        self.line("and is on the service list when they are back", true, "");
        Ok(())
    }

    async fn doors_that_stay_shut(&mut self) -> Result<()> {
        let pay = json!({ "requestId": 1, "price": 1, "status": "PAID" });
        let pay = self.send(&Ask::post("/pays", pay)).await?;
        self.line("nobody outside records a payment (403)", pay.status == 403, &pay);
        for method in ["PUT", "PATCH", "DELETE"] {
            let row = Ask { method, ..Ask::get("/services/1") };
            let answer = self.send(&row).await?;
            self.line(
                format!("{method} of a row is not heard (405)"),
                answer.status == 405,
                &answer,
            );
        }
        Ok(())
    }

    /// Ends it, starts it again on the same data, and looks at everything.
    async fn end(mut self) -> Result<Report> {
        let before = self.get("/services").await?;
        let (_, status) = self.server.end().await?;
        self.server = self.launch.start().await?;
        self.client = Client::new(true);
        let after = self.get("/services").await?;
        let is_so = status.success() && after == before;
        self.line("after a restart the service list is the same", is_so, &after);
        let remains = Remains::of(self.site, self.server).await?;
        let mut report = Report::of("from the request to the money, whoever is away");
        remains.facts(&mut report);
        let (lines, wrong) = (self.lines.len(), self.lines.iter().filter(|it| !it.is_good()));
        let wrong = wrong.map(|it| format!("{it:?}")).collect();
        report.criterion(Finding::each("steps that went as they should", lines, wrong));
        report.findings(self.lines);
        report.findings(remains.findings());
        Ok(report)
    }

    fn line(&mut self, what: impl Into<String>, is_so: bool, seen: impl std::fmt::Display) {
        self.lines.push(Finding::so(what, is_so, seen));
    }

    async fn send(&mut self, ask: &Ask) -> Result<Answer> {
        Ok(self.client.send(self.server.address, ask).await?)
    }

    async fn get(&mut self, path: &str) -> Result<Value> {
        let answer = self.send(&Ask::get(path)).await?;
        ensure!(answer.status == 200, "{path}: {answer}");
        Ok(answer.body)
    }

    async fn job(&mut self, id: u64) -> Result<Value> {
        self.get(&format!("/services/{id}")).await
    }

    async fn feel(&mut self, who: &str, state: &str) -> Result<()> {
        let body = Some(json!({ "state": state }));
        let ask = Ask { body, ..Ask::put(format!("/ops/lab/{who}")) };
        let answer = self.send(&ask).await?;
        ensure!(answer.status == 200, "{who} {state}: {answer}");
        Ok(())
    }

    async fn receive(&mut self, product: &str, parts: u64) -> Result<()> {
        let wish = Wish::Receive { product: product.to_owned(), parts, price: 5_000 };
        let answer = self.send(&wish.ask()).await?;
        ensure!(answer.status == 201, "{wish}: {answer}");
        Ok(())
    }

    /// A request that is on the service list.
    async fn requested(&mut self, product: &str) -> Result<u64> {
        let wish = Wish::Request { customer: "Hong".to_owned(), product: product.to_owned() };
        let answer = self.send(&wish.ask()).await?;
        ensure!(answer.status == 201, "{wish}: {answer}");
        let id = answer.body["id"].as_u64().context("an id")?;
        self.comes_to(id, "REQUESTED").await?;
        Ok(id)
    }

    /// A job that is kim's, for a product that nobody else asks for.
    async fn accepted(&mut self, product: &str) -> Result<u64> {
        self.receive(product, 1).await?;
        let id = self.requested(product).await?;
        let answer = self.accept(id, "kim").await?;
        ensure!(answer.status == 200, "{answer}");
        Ok(id)
    }

    async fn accept(&mut self, id: u64, by: &str) -> Result<Answer> {
        self.send(&Wish::Accept(id).ask().by(by)).await
    }

    /// Does not wait for the money.
    async fn complete(&mut self, id: u64) -> Result<Answer> {
        let ask = Ask { wait: Some(1), ..Wish::Complete(id).ask().by("kim") };
        self.send(&ask).await
    }

    async fn cancel(&mut self, id: u64) -> Result<Answer> {
        self.send(&Wish::Cancel(id).ask().by("Hong")).await
    }

    async fn comes_to(&mut self, id: u64, status: &str) -> Result<()> {
        self.shows(&format!("/services/{id}"), status).await
    }

    async fn progress_comes_to(&mut self, id: u64, status: &str) -> Result<()> {
        self.shows(&format!("/progressViews/{id}"), status).await
    }

    async fn shows(&mut self, path: &str, status: &str) -> Result<()> {
        until(&format!("{path} shows {status}"), async || {
            let answer = self.send(&Ask::get(path)).await?;
            Ok((answer.body["status"] == status).then_some(()))
        })
        .await
    }

    /// On hand, reserved, available.
    async fn shelf(&mut self, product: &str, wanted: (u64, u64, u64), what: &str) -> Result<()> {
        let part = self.get(&format!("/stocks/product/{product}")).await?;
        let (stock, reserved, available) = wanted;
        let is_so = figures(&part) == (Some(stock), Some(reserved), Some(available));
        self.line(what, is_so, &part);
        Ok(())
    }

    fn charged(&mut self, id: u64, times: usize, what: &str) -> Result<()> {
        let found = charges(self.site, id)?;
        self.line(what, found == times, format!("captured {found} times"));
        Ok(())
    }
}

fn figures(part: &Value) -> (Option<u64>, Option<u64>, Option<u64>) {
    let figure = |name| part[name].as_u64();
    (figure("stock"), figure("reserved"), figure("available"))
}

/// How often a request was charged, by the provider's own record.
fn charges(site: &Site, id: u64) -> Result<usize> {
    let order = format!("AS-{id}-");
    let records = Records::read(&site.data())?;
    Ok(records.charges.iter().filter(|it| it.captured && it.order.starts_with(&order)).count())
}
