-- The form of a particle that follows a text; 으로 and its like take the open form after ㄹ too.
CREATE FUNCTION core.particle(word text, after_consonant text, after_vowel text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$
SELECT CASE core.last_sound(word)
    WHEN 'vowel' THEN after_vowel
    WHEN 'rieul' THEN CASE WHEN after_consonant LIKE '으%' THEN after_vowel ELSE after_consonant END
    ELSE after_consonant
END
$$;
