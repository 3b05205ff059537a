//! The outbox on disk: rows of text under their ids, in IndexedDB.

use client::tab::Input;
use js_sys::{Array, Promise};
use protocol::ClientId;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};
use web_sys::{IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction};

use super::report::Report;
use crate::browser::system::{NAME, callback, object, window};

const VERSION: u32 = 1;
const ROWS: &str = "outbox";

#[wasm_bindgen]
extern "C" {
    /// An open database. `web-sys` has this method only for those who take all that may still change.
    type Database;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Database,
        store: &str,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;
}

/// The database, which may still be opening. What is asked of it is done in the order in which it was asked.
pub(crate) struct OutboxDb {
    database: Promise,
    report: Report,
}

impl OutboxDb {
    pub(super) fn open(report: Report) -> Self {
        Self {
            database: future_to_promise(open()),
            report,
        }
    }

    /// Loads all rows and reports them.
    pub(crate) fn load(&self) {
        let (database, report) = (self.database.clone(), self.report);
        spawn_local(async move {
            let rows = load(database).await;
            report(Input::Loaded(rows.ok().as_deref()));
        });
    }

    /// Stores a row and reports when it is on disk.
    pub(crate) fn put(&self, client_id: ClientId, row: String) {
        let (database, report) = (self.database.clone(), self.report);
        spawn_local(async move {
            let put = write(database, |rows| {
                rows.put_with_key(&row.into(), &key(client_id)).map(drop)
            });
            let is_stored = put.await.is_ok();
            report(Input::Stored(client_id, is_stored));
        });
    }

    /// Deletes a row.
    pub(crate) fn remove(&self, client_id: ClientId) {
        let database = self.database.clone();
        spawn_local(async move {
            let _ = write(database, |rows| rows.delete(&key(client_id)).map(drop)).await;
        });
    }
}

async fn open() -> Result<JsValue, JsValue> {
    let databases = window().and_then(|window| window.indexed_db().ok().flatten());
    let request = databases
        .ok_or(JsValue::UNDEFINED)?
        .open_with_u32(NAME, VERSION)?;
    let made = request.clone();
    let make = callback(move |_| {
        if let Ok(database) = made.result() {
            let _ = database.unchecked_into::<IdbDatabase>().create_object_store(ROWS);
        }
    });
    request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
    result(&request).await
}

async fn load(database: Promise) -> Result<Vec<String>, JsValue> {
    let (_, rows) = begin(database, "readonly").await?;
    let rows = result(&rows.get_all()?).await?;
    Ok(Array::from(&rows)
        .iter()
        .filter_map(|row| row.as_string())
        .collect())
}

/// Changes the rows, so that the change survives a power cut.
async fn write(
    database: Promise,
    change: impl FnOnce(&IdbObjectStore) -> Result<(), JsValue>,
) -> Result<(), JsValue> {
    let (transaction, rows) = begin(database, "readwrite").await?;
    change(&rows)?;
    let committed = Promise::new(&mut |done, failed| {
        transaction.set_oncomplete(Some(&done));
        transaction.set_onabort(Some(&failed));
    });
    JsFuture::from(committed).await.map(drop)
}

async fn begin(database: Promise, mode: &str) -> Result<(IdbTransaction, IdbObjectStore), JsValue> {
    let database: Database = JsFuture::from(database).await?.unchecked_into();
    let transaction = database.transaction(ROWS, mode, &object("durability", &"strict".into()))?;
    let rows = transaction.object_store(ROWS)?;
    Ok((transaction, rows))
}

async fn result(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |done, failed| {
        request.set_onsuccess(Some(&done));
        request.set_onerror(Some(&failed));
    });
    JsFuture::from(answered).await?;
    request.result()
}

fn key(client_id: ClientId) -> JsValue {
    client_id.to_string().into()
}
