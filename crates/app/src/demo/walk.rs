//! Takes one case as far as it goes, as its people would.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    BASE,
    plan::{Case, End},
};
use crate::{
    exit::{Code, Outcome, Stop},
    talk::{Answer, Client, Wish},
};

/// How long the contexts may take to hear of one another.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often to look again.
const PACE: Duration = Duration::from_millis(20);
/// What may stand there when a job is no longer on its way to being accepted.
const TAKEN: &[&str] = &["ACCEPTED", "REPAIRED", "PAID", "OUTOFSTOCK", "CANCELED"];

/// Takes cases as far as they go.
pub struct Walk<'a> {
    client: &'a Client,
    ended: BTreeMap<String, u32>,
}

impl<'a> Walk<'a> {
    /// On this server.
    pub fn of(client: &'a Client) -> Self {
        Self { client, ended: BTreeMap::new() }
    }

    /// Takes a case as far as it goes; says in a few words how far that is.
    pub fn take(&mut self, case: &Case) -> Outcome<String> {
        let id = self.request(case)?;
        self.stands_at(id, &["REQUESTED"], TAKEN)?;
        match case.end {
            End::Waiting => {}
            End::Canceled => self.cancel(case, id)?,
            End::OutOfStock | End::Accepted => self.accept(case, id)?,
            End::CanceledLate => {
                self.accept(case, id)?;
                self.cancel(case, id)?;
            }
            End::Paid => {
                self.accept(case, id)?;
                self.repair(case, id)?;
            }
        }
        let status = self.status(id)?.unwrap_or_default();
        let by = match case.end {
            End::Waiting | End::Canceled => String::new(),
            _ => format!(" ({})", case.engineer),
        };
        let came_to = format!("#{id} {}{by}", in_korean(&status));
        *self.ended.entry(status).or_default() += 1;
        Ok(came_to)
    }

    /// How many cases went how far.
    pub fn summary(&self) -> String {
        let ended = self.ended.iter();
        let ended = ended.map(|(status, count)| format!("{} {count}", in_korean(status)));
        format!("{}\n", ended.collect::<Vec<_>>().join(" · "))
    }

    fn request(&self, case: &Case) -> Outcome<u64> {
        let body = json!({
            "symptom": case.symptom,
            "productId": case.appliance.code,
            "customerName": case.customer,
            "phoneNumber": case.phone,
        });
        let (path, key) = (format!("{BASE}/requests"), case.key("request"));
        let wish = Wish { actor: Some((case.customer, "customer")), key: Some(&key) };
        let row = self.client.post(&path, &body, wish)?.ok()?;
        row["id"].as_u64().ok_or_else(|| Stop::new(Code::Bad, "a request came back without an id"))
    }

    fn cancel(&self, case: &Case, id: u64) -> Outcome {
        let (path, key) = (format!("{BASE}/requests/{id}/servicecancel"), case.key("cancel"));
        let wish = Wish { actor: Some((case.customer, "customer")), key: Some(&key) };
        self.client.put(&path, &json!({}), wish)?.ok()?;
        self.stands_at(id, &["CANCELED"], &[])
    }

    /// That there is no part is an answer too.
    fn accept(&self, case: &Case, id: u64) -> Outcome {
        let answer = self.act(case, id, "accept")?;
        if answer.status != 409 {
            answer.ok()?;
        }
        self.stands_at(id, TAKEN, &[])
    }

    /// Whoever pays by another day is not waited for.
    fn repair(&self, case: &Case, id: u64) -> Outcome {
        self.act(case, id, "product-repair")?.ok()?;
        self.stands_at(id, &["REPAIRED", "PAID"], &[])
    }

    fn act(&self, case: &Case, id: u64, verb: &str) -> Outcome<Answer> {
        let (path, key) = (format!("{BASE}/services/{id}/{verb}"), case.key(verb));
        let wish = Wish { actor: Some((case.engineer, "engineer")), key: Some(&key) };
        self.client.put(&path, &json!({}), wish)
    }

    /// Waits until the job has come so far, or further.
    fn stands_at(&self, id: u64, wanted: &[&str], or: &[&str]) -> Outcome {
        let end = Instant::now() + PATIENCE;
        loop {
            let status = self.status(id)?.unwrap_or_default();
            if wanted.iter().chain(or).any(|it| *it == status) {
                return Ok(());
            }
            if Instant::now() > end {
                let line = format!("job {id} does not come to {}: {status}", wanted.join(" or "));
                return Err(Stop::new(Code::Unavailable, line));
            }
            thread::sleep(PACE);
        }
    }

    /// How far the job has come; nothing when it is not on the list yet.
    fn status(&self, id: u64) -> Outcome<Option<String>> {
        let answer = self.client.get(&format!("{BASE}/services/{id}"))?;
        if answer.status == 404 {
            return Ok(None);
        }
        let row = answer.ok()?;
        Ok(row.get("status").and_then(Value::as_str).map(ToOwned::to_owned))
    }
}

fn in_korean(status: &str) -> &str {
    match status {
        "REQUESTED" => "접수",
        "OUTOFSTOCK" => "부품 대기",
        "ACCEPTED" => "수락",
        "REPAIRED" => "수리 완료",
        "PAID" => "결제 완료",
        "CANCELED" => "취소",
        other => other,
    }
}
