//! The end of a gateway: nobody who has asked is left without an answer.

use rest::edge::limits::Limits;

use crate::{
    client::{Client, until},
    recorder::{Does, Recorder},
    yard::{Front, all_at, settings},
};

#[tokio::test]
async fn what_is_in_work_is_finished_and_nothing_fails_until_the_port_closes() {
    let recorder = Recorder::that(Does::Waits).await;
    let limits = Limits { propagation_ms: 100, settle_ms: 100, ..Limits::default() };
    let front = Front::with(all_at(&[recorder.address]), settings(), limits).await;
    let address = front.address;
    let (mut before, mut resting) = (Client::to(address).await, Client::to(address).await);
    assert_eq!(resting.get("/readyz").await.status, 200);
    before.send(b"GET /requests HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    until("it is in work", async || recorder.seen().len() == 1).await;
    let ended = front.stop();
    until("it says that it is going to stop", async || {
        let Ok(mut client) = Client::try_to(address).await else { panic!("the port is open yet") };
        client.get("/readyz").await.status == 503
    })
    .await;
    recorder.does(Does::Says(crate::recorder::well("{}")));
    let late = resting.get("/requests").await;
    assert!(late.status == 200 && late.says_close(), "{late:?}");
    until("the port is closed", async || Client::try_to(address).await.is_err()).await;
    recorder.goes_on();
    let answer = before.answer().await.unwrap();
    assert_eq!(answer.status, 200);
    drop((before, resting));
    assert_eq!(ended.await.unwrap().cut, 0);
}
