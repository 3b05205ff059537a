//! The outbox on disk: rows of text under their ids, in IndexedDB, and in `localStorage` while they are on their way there.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;

use client::outbox::{Stored, may_be_sent};
use client::tab::Input;
use js_sys::Math::random;
use js_sys::{Array, Promise};
use protocol::ClientId;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{IdbDatabase, IdbRequest, IdbTransaction};

use super::local_storage;
use super::report::Report;
use crate::browser::system::{NAME, call, callback, contains, get, object, set, window};

const VERSION: u32 = 1;
const ROWS: &str = "outbox";
/// The key of the database's mark, a number that is drawn when it is made: no `clientId`, as the number is no row. When the
/// browser empties its storage it ends every connection, and what is opened then has another mark.
const MARK: &str = "";

#[wasm_bindgen]
extern "C" {
    /// An open database. `web-sys` has this method only for those who take all that may still change.
    #[derive(Clone)]
    type Database;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Database,
        store: &str,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;
}

/// The rows of this installation. What is asked of them is done one after the other, in the order in which it was asked.
pub(crate) struct OutboxDb {
    connection: Rc<Connection>,
    /// Ends with what was asked last.
    last: Promise,
    report: Report,
}

/// The connection to the database, once something was asked.
#[derive(Default)]
struct Connection {
    database: RefCell<Option<Database>>,
    /// The mark of the database, once one was open.
    mark: RefCell<Option<JsValue>>,
    /// It is another database than the one there was, and nobody was told yet.
    is_emptied: Cell<bool>,
}

/// What is to be done with a row.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    Put,
    /// Put where there is something already.
    Update,
    Remove,
    /// Remove unless it may have been sent.
    Discard,
}

impl OutboxDb {
    pub(super) fn new(report: Report) -> Self {
        Self {
            connection: Rc::default(),
            last: Promise::resolve(&JsValue::UNDEFINED),
            report,
        }
    }

    /// Loads all rows and reports them.
    pub(crate) fn load(&mut self) {
        let (connection, report) = (Rc::clone(&self.connection), self.report);
        self.next(async move {
            let rows = connection.load().await;
            connection.tell_if_emptied(report);
            report(Input::Loaded(rows.ok().as_deref()));
        });
    }

    /// Stores a row and reports when it is on disk. It outlives the tab from now on.
    pub(crate) fn put(&mut self, client_id: ClientId, row: String) {
        local_storage::set_row(&client_id.to_string(), Some(&row));
        self.change(Change::Put, client_id, row);
    }

    /// Replaces a row where there still is one, and reports whether there was.
    pub(crate) fn update(&mut self, client_id: ClientId, row: String) {
        self.change(Change::Update, client_id, row);
    }

    /// Deletes a row.
    pub(crate) fn remove(&mut self, client_id: ClientId) {
        self.change(Change::Remove, client_id, String::new());
    }

    /// Deletes a row unless it may have been sent, and reports what is left.
    pub(crate) fn discard(&mut self, client_id: ClientId) {
        self.change(Change::Discard, client_id, String::new());
    }

    fn change(&mut self, change: Change, client_id: ClientId, row: String) {
        let (connection, report) = (Rc::clone(&self.connection), self.report);
        self.next(async move {
            let id = client_id.to_string();
            let before = connection.do_it(Some((change, &id, &row))).await;
            let is_emptied = connection.tell_if_emptied(report);
            let stored = match &before {
                Err(_) => Stored::Failed,
                Ok(before) if change == Change::Update && before.is_undefined() && !is_emptied => {
                    Stored::Gone
                }
                Ok(_) => Stored::OnDisk,
            };
            if stored == Stored::OnDisk || matches!(change, Change::Remove | Change::Discard) {
                local_storage::set_row(&id, None);
            }
            match change {
                Change::Put | Change::Update => report(Input::Stored(client_id, stored)),
                Change::Remove => {}
                Change::Discard => {
                    let left = before.ok().and_then(|row| row.as_string());
                    let left = left.as_deref().filter(|row| may_be_sent(row));
                    report(Input::Discarded(client_id, left));
                }
            }
        });
    }

    fn next(&mut self, ask: impl Future<Output = ()> + 'static) {
        // One type for all of them: what waits for it is made once.
        let ask: Pin<Box<dyn Future<Output = ()>>> = Box::pin(ask);
        let before = self.last.clone();
        self.last = future_to_promise(async move {
            let _ = JsFuture::from(before).await;
            ask.await;
            Ok(JsValue::UNDEFINED)
        });
    }
}

impl Connection {
    fn tell_if_emptied(&self, report: Report) -> bool {
        let is_emptied = self.is_emptied.take();
        if is_emptied {
            report(Input::StorageEmptied);
        }
        is_emptied
    }

    /// All rows, those included that their tab could not store any more: they are stored now.
    async fn load(&self) -> Result<Vec<String>, JsValue> {
        // Looked for before the others: meanwhile they may come among these.
        let unsaved = local_storage::rows();
        let rows = self.do_it(None).await?;
        let mut rows: Vec<String> = Array::from(&rows)
            .iter()
            .filter_map(|row| row.as_string())
            .collect();
        for id in unsaved {
            if !rows.iter().any(|row| contains(row, &id)) {
                let Some(row) = local_storage::row(&id) else {
                    continue;
                };
                self.do_it(Some((Change::Put, &id, &row))).await?;
                rows.push(row);
            }
            local_storage::set_row(&id, None);
        }
        Ok(rows)
    }

    /// Loads all rows, or changes the row of this id and answers with what was there. Where that fails, it is done
    /// once more with another connection: the browser may have closed the one there was, as iOS does.
    async fn do_it(&self, change: Option<(Change, &str, &str)>) -> Result<JsValue, JsValue> {
        let mut is_again = false;
        loop {
            let done = self.attempt(change).await;
            if done.is_ok() || is_again {
                return done;
            }
            self.database.take();
            is_again = true;
        }
    }

    async fn attempt(&self, change: Option<(Change, &str, &str)>) -> Result<JsValue, JsValue> {
        let known = self.database.borrow().clone();
        let database = match known {
            Some(database) => database,
            None => self.open().await?,
        };
        let mode = if change.is_some() { "readwrite" } else { "readonly" };
        let transaction = database.transaction(ROWS, mode, &object("durability", &"strict".into()))?;
        let rows = transaction.object_store(ROWS)?;
        let Some((change, id, row)) = change else {
            return result(&rows.get_all()?).await;
        };
        let key = id.into();
        let before = result(&rows.get(&key)?).await?;
        // The transaction goes on: nothing was waited for but its own answer.
        match change {
            Change::Update if before.is_undefined() && !self.is_emptied.get() => {}
            Change::Discard if before.as_string().is_some_and(|row| may_be_sent(&row)) => {}
            Change::Put | Change::Update => {
                rows.put_with_key(&row.into(), &key)?;
            }
            Change::Remove | Change::Discard => {
                rows.delete(&key)?;
            }
        }
        let committed = Promise::new(&mut |done, failed| {
            transaction.set_oncomplete(Some(&done));
            transaction.set_onabort(Some(&failed));
        });
        // Nothing more will be asked of it.
        call(&transaction, "commit");
        JsFuture::from(committed).await?;
        Ok(before)
    }

    async fn open(&self) -> Result<Database, JsValue> {
        let database = open().await?;
        let transaction = database.transaction(ROWS, "readonly", &JsValue::UNDEFINED)?;
        let mark = result(&transaction.object_store(ROWS)?.get(&MARK.into())?).await?;
        let before = self.mark.replace(Some(mark.clone()));
        if before.is_some_and(|before| before != mark) {
            self.is_emptied.set(true);
        }
        self.database.replace(Some(database.clone()));
        Ok(database)
    }
}

async fn open() -> Result<Database, JsValue> {
    let databases = window().and_then(|window| window.indexed_db().ok().flatten());
    let request = databases
        .ok_or(JsValue::UNDEFINED)?
        .open_with_u32(NAME, VERSION)?;
    let made = request.clone();
    let make = callback(move |_| {
        if let Ok(database) = made.result() {
            let rows = database.unchecked_into::<IdbDatabase>().create_object_store(ROWS);
            let _ = rows.and_then(|rows| rows.put_with_key(&random().into(), &MARK.into()));
        }
    });
    request.set_onupgradeneeded(Some(make.as_ref().unchecked_ref()));
    let database = result(&request).await?;
    // A newer page may want another version, or the person wants it deleted: neither waits for this page.
    let close = callback(|event| {
        call(&get(&event, "target"), "close");
    });
    set(&database, "onversionchange", &close.into_js_value());
    Ok(database.unchecked_into())
}

async fn result(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |done, failed| {
        request.set_onsuccess(Some(&done));
        request.set_onerror(Some(&failed));
    });
    JsFuture::from(answered).await?;
    request.result()
}
