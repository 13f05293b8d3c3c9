-- A grant that a holder passed on carries how far the word of whoever got it reaches in turn: no chain of holders goes further
-- than a month past what the patient or the house gave. null: given by the patient or the house.
alter table records."grant" add column ceiling bigint;
