-- What happened to one appointment is read together.
CREATE INDEX reviews_by_appointment ON reviews (company_id, appointment_id);
