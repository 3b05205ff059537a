//! What only one node may do at a time.

use cluster::lease::Lease;
use cluster::nats::connection::Connection;
use cluster::nats::stream::Storage;
use cluster::settings::Settings;
use cluster::{Names, NodeId};

use crate::support::nats::{Nats, PATIENCE};

const KEY: &str = "test";

async fn leases(nats: &Nats) -> [Lease; 2] {
    let config = nats.config();
    let connection = Connection::open(&config, &|_| {}).await.unwrap();
    let names = Names::of(&config.stream).unwrap();
    let storage = Storage::open(&connection, &names, &config, &|_| {})
        .await
        .unwrap();
    let settings = Settings::new(storage.settings);
    [1, 2].map(|number| Lease::new(settings.clone(), KEY, NodeId::new(number)))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_node_has_a_lease_until_it_gives_it_back() {
    let nats = Nats::start(1);
    let [mut first, mut second] = leases(&nats).await;
    assert!(first.take().await.unwrap());
    assert!(!second.take().await.unwrap());
    assert!(first.renew().await.unwrap());
    assert!(first.take().await.unwrap());
    assert!(!second.renew().await.unwrap());
    first.give_back().await;
    assert!(second.take().await.unwrap());
    assert!(!first.renew().await.unwrap());
    assert!(!first.take().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_want_it_at_once_one_gets_it() {
    let nats = Nats::start(1);
    for _ in 0..20 {
        let [mut first, mut second] = leases(&nats).await;
        let (one, other) = tokio::join!(first.take(), second.take());
        assert_ne!(one.unwrap(), other.unwrap());
        first.give_back().await;
        second.give_back().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_that_nobody_renews_goes_to_another_and_is_lost_to_the_first() {
    let nats = Nats::start(1);
    let [mut first, mut second] = leases(&nats).await;
    assert!(first.take().await.unwrap());
    let taken = async {
        while !second.take().await.unwrap() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.unwrap();
    assert!(!first.renew().await.unwrap());
    assert!(second.renew().await.unwrap());
}
