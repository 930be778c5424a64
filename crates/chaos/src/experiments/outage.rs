//! One context after the other is away for a time, under load: what it is to be told waits, the
//! ledger adds up at every look, and afterwards nothing is left.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, sleep};

use crate::{
    Report,
    checks::{Ledger, settled},
    client::Ask,
    crowd::{Crowd, Worked},
    desk::Desk,
    dose::Dose,
    history::{Came, Deed},
    remains::Remains,
    report::{Finding, count},
    site::{CONTEXTS, Site},
    wait::until,
    wish::Wish,
};

/// How many work at the same time.
const WORKERS: u64 = 8;
/// How many jobs are ready to be done when it begins.
const READY: u64 = 3;
/// How often the ledger is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// How soon everything must be told once everyone is back.
const TOLD: Duration = Duration::from_secs(10);

/// Runs it.
///
/// # Errors
///
/// When it cannot be brought to its end.
pub async fn run(site: &Site, dose: &Dose) -> Result<Report> {
    let mut chance = dose.chance();
    let server = site.launch(&["--lab", "--see-through", "500"]).start().await?;
    let mut desk = Desk::at(server.address);
    let crowd = Crowd::begin(server.address, WORKERS, &mut chance).await?;
    let began = Instant::now();
    let (mut looks, mut wrong, mut grew, mut unasked) = (0, Vec::new(), Vec::new(), Vec::new());
    let mut extra = Vec::new();
    for context in CONTEXTS.into_iter().skip(1) {
        let mut ready = Vec::new();
        for number in 0..READY {
            ready.push(
                prepared(&mut desk, began, &mut extra, &format!("{context}-{number}")).await?,
            );
        }
        desk.feel(context, "down").await?;
        // Nobody can say that a job is done to whoever is away.
        for id in ready.into_iter().filter(|_| context != "service") {
            let (_, deed) = told(&mut desk, began, "kim", Wish::Complete(id)).await;
            extra.push(deed);
        }
        let end = Instant::now() + dose.time();
        let (mut most, mut asked) = (0, 0_u64);
        while Instant::now() < end {
            asked += 1;
            let customer = format!("outage-{context}-{asked}");
            let wish = Wish::Request { customer: customer.clone(), product: "TV-1".to_owned() };
            let (answer, deed) = told(&mut desk, began, &customer, wish).await;
            if answer != 201 {
                unasked.push(format!("{context} down: a request was answered {answer}"));
            }
            extra.push(deed);
            let ledger = Ledger::read(server.address).await?;
            looks += 1;
            wrong.extend(ledger.wrong());
            most = most.max(ledger.waiting_for(context));
            sleep(LOOK).await;
        }
        grew.push((context, most));
        desk.feel(context, "up").await?;
    }
    let mut worked = crowd.end(&site.file("history.jsonl")).await?;
    let (drained, ledger) = settled(server.address).await?;
    worked.deeds.extend(extra);
    let remains = Remains::of(site, server).await?;

    let seen = Seen { looks, wrong, grew, unasked };
    Ok(seen.report(dose, &worked, &remains, (drained, &ledger)))
}

/// What was seen while somebody was away.
struct Seen {
    looks: usize,
    wrong: Vec<String>,
    /// The most that waited for each.
    grew: Vec<(&'static str, u64)>,
    unasked: Vec<String>,
}

impl Seen {
    fn report(
        self,
        dose: &Dose,
        worked: &Worked,
        remains: &Remains,
        (drained, ledger): (Duration, &Ledger),
    ) -> Report {
        let Self { looks, wrong, grew, unasked } = self;
        let mut report =
            Report::of(format!("each context but the first is away for {} s", dose.seconds));
        worked.facts(&mut report);
        for (context, most) in &grew {
            report.fact("most that waited", format!("{} for {context}", count(*most)));
        }
        remains.facts(&mut report);
        let idle =
            grew.iter().filter(|(_, most)| *most == 0).map(|(context, _)| format!("for {context}"));
        let shown: Vec<_> =
            grew.iter().map(|(name, most)| format!("{name} {}", count(*most))).collect();
        report.criterion(
            Finding::each("what waits grows while one is away", grew.len(), idle.collect())
                .with(shown.join(", ")),
        );
        report.criterion(Finding::each("the ledger adds up at every look", looks, wrong));
        report.criterion(Finding::within("everything told once all are back", TOLD, drained));
        report.criterion(Finding::none("left after that", ledger.open()));
        let asked =
            worked.deeds.iter().filter(|it| matches!(it.wish, Wish::Request { .. })).count();
        report.criterion(Finding::each("requests are taken all the while", asked, unasked));
        report.criteria(worked.criteria(remains));
        report.findings(worked.findings(remains));
        report.finding(worked.whole());
        report.findings(remains.findings());
        report
    }
}

/// A job of kim's, in the history too.
async fn prepared(
    desk: &mut Desk,
    began: Instant,
    deeds: &mut Vec<Deed>,
    customer: &str,
) -> Result<u64> {
    let customer = format!("customer-{customer}");
    let wish = Wish::Request { customer: customer.clone(), product: "TV-1".to_owned() };
    let (_, deed) = told(desk, began, &customer, wish).await;
    let id = deed.id().context("a request")?;
    desk.shows(&format!("/services/{id}"), "status", "REQUESTED").await?;
    // Whoever has just come back is asked again only after a moment.
    let accepted = until("an accept", async || {
        let (status, deed) = told(desk, began, "kim", Wish::Accept(id)).await;
        ensure!([200, 503].contains(&status), "an accept: {deed:?}");
        Ok((status == 200).then_some(deed))
    });
    let accepted = accepted.await?;
    deeds.extend([deed, accepted]);
    Ok(id)
}

/// One command, once; with what it was answered.
async fn told(desk: &mut Desk, began: Instant, by: &str, wish: Wish) -> (u16, Deed) {
    let wait = matches!(wish, Wish::Complete(_)).then_some(0);
    let mut ask = Ask { wait, ..wish.ask().by(by) };
    let key = format!("{wish}").replace(' ', "-");
    ask.key = Some(key.clone());
    let invoked = began.elapsed();
    let answer = desk.send(&ask).await;
    let status = answer.as_ref().map_or(0, |it| it.status);
    let came =
        answer.map_or_else(|error| Came::Unknown(format!("{error:#}")), |it| Came::of(Ok(it)));
    let tries = vec![crate::history::Try { invoked, over: began.elapsed(), came }];
    (status, Deed { key, by: by.to_owned(), wish, tries })
}
