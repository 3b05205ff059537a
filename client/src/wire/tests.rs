mod incoming;
mod outgoing;
