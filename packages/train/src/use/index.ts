export { CARD_KEY, cardMetadata, type NetworkCard, networkCard, readCard } from "./card.js";
