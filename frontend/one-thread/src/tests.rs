use std::rc::Rc;
use std::thread;

use crate::SendWrapper;

fn panics_elsewhere(touch: impl FnOnce(SendWrapper<Rc<u8>>) + Send) -> bool {
    let wrapper = SendWrapper::new(Rc::new(7));
    thread::scope(|scope| scope.spawn(move || touch(wrapper)).join().is_err())
}

#[test]
fn its_own_thread_reads_changes_copies_and_takes_the_value() {
    let mut wrapper = SendWrapper::new(Rc::new(7));
    *wrapper = Rc::new(*wrapper.clone().take() + 1);
    assert!(wrapper.valid());
    assert_eq!(format!("{wrapper:?}"), "SendWrapper(8)");
    let value = wrapper.take();
    assert_eq!((*value, Rc::strong_count(&value)), (8, 1));
}

#[test]
fn the_value_is_dropped_once() {
    let value = Rc::new(7);
    let wrapper = SendWrapper::new(Rc::clone(&value));
    drop(wrapper.clone());
    assert_eq!(Rc::strong_count(&value), 2);
    drop(wrapper);
    assert_eq!(Rc::strong_count(&value), 1);
}

#[test]
fn another_thread_touches_nothing_of_the_value() {
    assert!(panics_elsewhere(|wrapper| {
        assert_eq!(**wrapper, 7);
    }));
    assert!(panics_elsewhere(|mut wrapper| *wrapper = Rc::new(8)));
    assert!(panics_elsewhere(|wrapper| drop((wrapper.clone(), wrapper))));
    assert!(panics_elsewhere(|wrapper| drop(wrapper.take())));
    assert!(panics_elsewhere(drop));
}

#[test]
fn another_thread_may_drop_what_needs_no_code_for_it() {
    let wrapper = SendWrapper::new(7_u8);
    let is_valid = thread::spawn(move || wrapper.valid()).join();
    assert!(is_valid.is_ok_and(|is_valid| !is_valid));
}

#[test]
fn a_value_comes_back_to_its_thread_unharmed() {
    let wrapper = SendWrapper::new(Rc::new(7));
    let back = thread::spawn(move || wrapper).join();
    assert!(back.is_ok_and(|wrapper| **wrapper == 7));
}
