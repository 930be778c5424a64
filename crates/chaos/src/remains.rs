//! What an experiment leaves behind, looked at when it is quiet and when it is over.

use std::{fs, process::ExitStatus, time::Duration};

use anyhow::Result;

use crate::{
    Report,
    checks::{Ledger, journals, payments, settled, shelves, views},
    deployment::Deployment,
    process::{Launch, Server},
    records::Records,
    report::Finding,
    rows::Shown,
    site::Site,
};

/// What an experiment leaves behind.
#[derive(Debug)]
pub struct Remains {
    pub shown: Shown,
    pub records: Records,
    /// How long it took until everyone had been told of everything.
    quiet_after: Duration,
    ledger: Ledger,
    ended: (Duration, ExitStatus),
    complaints: Vec<String>,
}

impl Remains {
    /// Waits until it is quiet, looks at everything, ends the server, and looks at the disk.
    pub async fn of(site: &Site, server: Server) -> Result<Self> {
        Self::in_folder(&site.launch(&[]), server).await
    }

    /// The same of a server that was started so.
    pub async fn in_folder(launch: &Launch, server: Server) -> Result<Self> {
        let (quiet_after, ledger) = settled(server.address).await?;
        let shown = Shown::read(server.address).await?;
        let ended = server.end().await?;
        Self::found(launch, shown, (quiet_after, ledger), ended)
    }

    /// The same of a process for each context.
    pub async fn of_all(site: &Site, all: Deployment) -> Result<Self> {
        let settled = settled(all.operators).await?;
        let shown = Shown::read(all.gateway).await?;
        let ended = all.end().await?;
        Self::found(&site.launch(&[]), shown, settled, ended)
    }

    fn found(
        launch: &Launch,
        shown: Shown,
        (quiet_after, ledger): (Duration, Ledger),
        ended: (Duration, ExitStatus),
    ) -> Result<Self> {
        let records = launch.records()?;
        let log = fs::read_to_string(launch.log())?;
        let complaints = log.lines().filter(|line| line.contains(" ERROR "));
        let complaints = complaints.map(ToOwned::to_owned).collect();
        Ok(Self { shown, records, quiet_after, ledger, ended, complaints })
    }

    /// These words in its log are no surprise: what was done leads to them.
    pub fn expecting(mut self, words: &[&str]) -> Self {
        self.complaints.retain(|line| !words.iter().any(|it| line.contains(it)));
        self
    }

    /// That everyone was told of everything so soon.
    pub fn told_within(&self, most: Duration) -> Finding {
        Finding::within("everything told after the last command", most, self.quiet_after)
    }

    /// What it took.
    pub fn facts(&self, report: &mut Report) {
        report.fact("until it was quiet", format!("{} ms", self.quiet_after.as_millis()));
        report.fact("SIGTERM to exit", format!("{} ms", self.ended.0.as_millis()));
    }

    /// What must be so whatever was done.
    pub fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::from(self.ledger.findings());
        findings.push(payments(&self.records, &self.shown));
        findings.push(shelves(&self.records, &self.shown.stocks));
        findings.push(views(&self.records, &self.shown));
        findings.extend(journals(&self.records));
        let (_, status) = &self.ended;
        findings.push(Finding::so("it ended as it was asked to", status.success(), status));
        findings.push(Finding::none("errors in its log", self.complaints.clone()));
        findings
    }
}
