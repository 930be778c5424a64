//! Fifty at once, and all want the same shelf.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use anyhow::Result;
use tokio::{sync::watch, task::JoinSet, time::Instant};

use crate::{
    Report, checks,
    dose::Dose,
    history::{self, Deed},
    load::{Hand, Shift},
    remains::Remains,
    report::{Finding, count, middle_and_most},
    site::Site,
    wish::Wish,
};

/// How many write at once.
const WRITERS: u64 = 50;
/// How often a command may be repeated until it is known what came of it.
const TRIES: usize = 4;
/// The shelf.
const SHELF: &str = "HOT-1";

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let server = site.launch(&["--see-through", "10000"]).start().await?;
    let (_keep, receiver) = watch::channel(Some((0, server.address)));
    let (is_over, cut, told) = Default::default();
    let shift = Shift { began: Instant::now(), server: receiver, is_over, cut, told };
    let next = Arc::new(AtomicU64::new(0));
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        writers.spawn(write(Hand::new(&shift), Arc::clone(&next), dose.n));
    }
    let mut deeds = Vec::new();
    for written in writers.join_all().await {
        deeds.extend(written?);
    }
    let took = shift.began.elapsed();
    history::write(&deeds, &site.file("history.jsonl"))?;
    let remains = Remains::of(site, server).await?;

    let mut report = Report::of(format!("{WRITERS} at once give {} commands to one shelf", dose.n));
    let answers: Vec<_> = deeds
        .iter()
        .filter_map(|it| it.tries.last().map(|last| last.over.saturating_sub(it.tries[0].invoked)))
        .collect();
    report.fact("it took", format!("{:.1} s", took.as_secs_f64()));
    report.fact("an answer", middle_and_most(&answers));
    remains.facts(&mut report);
    let accepted = deeds.iter().filter(|it| it.ok().is_some()).count();
    let effects = ["PartsReceived", "ServiceRequested", "AcceptanceAsked"];
    let applied =
        remains.records.all().filter(|(_, it)| effects.contains(&it.event.as_str())).count();
    let seen = format!("{} of {}", count(applied), count(accepted));
    report.criterion(Finding::so("applied = accepted", applied == accepted, &seen).with(&seen));
    let often = deeds.iter().filter(|it| it.tries.len() > TRIES);
    let often = often.map(|it| format!("{} in {} tries", it.key, it.tries.len())).collect();
    report.criterion(Finding::each("repeated at most 3 times", deeds.len(), often));
    let events = remains.records.journals.get("stock").map_or(0, Vec::len);
    report.criterion(
        Finding::so("one shelf took it all", events > 0, events)
            .with(format!("{} events of one thing", count(events))),
    );
    report.findings([
        checks::open(&deeds),
        checks::lost(&deeds, &remains.records),
        checks::repeated(&deeds, &remains.records),
        checks::ghosts(&deeds, &remains.records),
        checks::unexpected(&deeds),
        checks::stock(&deeds, &remains.shown),
    ]);
    report.findings(checks::cases(&deeds, &remains.shown));
    report.findings(remains.findings());
    Ok(report)
}

/// Commands until there are enough: parts come in, or one is held.
async fn write(mut hand: Hand, next: Arc<AtomicU64>, most: u64) -> Result<Vec<Deed>> {
    let mut deeds = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= most {
            return Ok(deeds);
        }
        // Whoever accepts finds a part: more come in than are asked for.
        if number % 4 != 3 {
            let wish = Wish::Receive { product: SHELF.to_owned(), parts: 2, price: 1_000 + number };
            deeds.push(hand.tell("keeper", format!("receive-{number}"), wish).await?);
            continue;
        }
        let customer = format!("customer-{number}");
        let wish = Wish::Request { customer: customer.clone(), product: SHELF.to_owned() };
        let deed = hand.tell(&customer, format!("request-{number}"), wish).await?;
        let id = deed.id();
        deeds.push(deed);
        let Some(id) = id else { continue };
        hand.see(&format!("/services/{id}")).await?;
        let engineer = format!("engineer-{number}");
        deeds.push(hand.tell(&engineer, format!("accept-{number}"), Wish::Accept(id)).await?);
    }
}
