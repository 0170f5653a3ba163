// Behind a slow disk a unit is in hand for a while before it is written. No fault by itself: it only makes room for one.
const HELD_MS = 400;

export const slowly = (write) => async (batch) => {
  await new Promise((resolve) => setTimeout(resolve, HELD_MS));
  return write(batch);
};
